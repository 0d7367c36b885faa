using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Control.Scheduling;

/// <summary>Remembers what the documents said, and tells what is different now. A job whose document broke is still the job it was.</summary>
internal sealed class JobCatalog
{
    private readonly IJobServiceObserver _observer;
    private readonly ProblemLedger _problems;
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    public JobCatalog(IJobServiceObserver observer)
    {
        _observer = observer;
        _problems = new ProblemLedger(observer.OnProblem);
    }

    public void Follow(JobFolderContent content)
    {
        var present = content.Jobs.ToDictionary(job => job.Name, JobJson.Write, StringComparer.Ordinal);
        foreach (var name in _known.Keys.Where(name => !present.ContainsKey(name) && !content.Broken.ContainsKey(name)).ToList())
        {
            _known.Remove(name);
            _observer.OnJobChanged(name, JobChange.Removed);
        }

        foreach (var (name, text) in present)
            Follow(name, text);
        foreach (var name in _problems.Subjects.Where(name => !content.Broken.ContainsKey(name)).ToList())
            _problems.Settle(name);
        foreach (var (name, problem) in content.Broken)
            _problems.Meet(name, problem);
    }

    private void Follow(string name, string text)
    {
        var wasKnown = _known.TryGetValue(name, out var before);
        if (string.Equals(before, text, StringComparison.Ordinal))
            return;
        _known[name] = text;
        _observer.OnJobChanged(name, wasKnown ? JobChange.Changed : JobChange.Added);
    }
}
