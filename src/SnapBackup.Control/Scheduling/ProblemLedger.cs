namespace SnapBackup.Control.Scheduling;

/// <summary>Tells a problem that lasts once, although it is met again with every reading of the folder.</summary>
/// <param name="tell">Whom.</param>
internal sealed class ProblemLedger(Action<string, Exception> tell)
{
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>What has a problem at present.</summary>
    public IReadOnlyCollection<string> Subjects => _told.Keys;

    public void Meet(string subject, Exception problem)
    {
        if (_told.TryGetValue(subject, out var message) && string.Equals(message, problem.Message, StringComparison.Ordinal))
            return;
        _told[subject] = problem.Message;
        tell(subject, problem);
    }

    public void Settle(string subject) => _told.Remove(subject);
}
