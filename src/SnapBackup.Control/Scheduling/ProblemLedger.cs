namespace SnapBackup.Control.Scheduling;

/// <summary>Tells a problem that lasts once, although it is met again with every reading of the folder.</summary>
/// <param name="tell">Whom.</param>
/// <param name="identify">What makes two problems of a subject the same; the message when left out.</param>
internal sealed class ProblemLedger(Action<string, Exception> tell, Func<Exception, string>? identify = null)
{
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>What has a problem at present.</summary>
    public IReadOnlyCollection<string> Subjects => _told.Keys;

    public void Meet(string subject, Exception problem)
    {
        var identity = identify?.Invoke(problem) ?? problem.Message;
        if (_told.TryGetValue(subject, out var known) && string.Equals(known, identity, StringComparison.Ordinal))
            return;
        _told[subject] = identity;
        tell(subject, problem);
    }

    public void Settle(string subject) => _told.Remove(subject);
}
