using SnapBackup.Archive.Stores;
using SnapBackup.Blocks;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>
/// Cleans up after runs whose process died: removes the logs that they made and the archives that they did not finish, and
/// records them as interrupted. Runs of living processes, this one or another, are left alone.
/// </summary>
/// <param name="journal">Where the runs are recorded.</param>
/// <param name="time">The clock.</param>
public sealed class RunRecovery(RunJournal journal, TimeProvider time)
{
    /// <summary>Recovers all dead runs. Done again, or by two processes at once, it does no harm.</summary>
    /// <returns>What was found.</returns>
    /// <exception cref="PipelineException"><see cref="PipelineError.JournalUnusable"/>.</exception>
    public async Task<IReadOnlyList<RecoveredRun>> RecoverAsync()
    {
        var recovered = new List<RecoveredRun>();
        foreach (var run in journal.ListUnsettled().Where(run => !run.Owner.IsAlive))
            recovered.Add(await RecoverAsync(run).ConfigureAwait(false));
        return recovered;
    }

    private async Task<RecoveredRun> RecoverAsync(RunRecord run)
    {
        var removed = new List<string>();
        var problems = new List<string>();
        foreach (var leftover in journal.ListLeftovers(run.Id))
        {
            try
            {
                removed.AddRange(await RemoveAsync(leftover).ConfigureAwait(false));
                journal.Settle(run.Id, leftover);
            }
            catch (Exception exception) when (exception is SnapBackupException and not PipelineException or UnauthorizedAccessException or IOException)
            {
                problems.Add(exception.Message);
            }
        }

        // Last, so that a crash of the recovery itself leaves the run to be found again.
        if (run.Outcome == RunOutcome.Running)
            journal.End(run.Id, RunOutcome.Interrupted, Interruption(run, removed, problems));
        return new RecoveredRun(journal.Get(run.Id), removed, problems);
    }

    private async Task<IReadOnlyList<string>> RemoveAsync(Leftover leftover)
    {
        if (leftover.Kind == LeftoverKind.Log)
            return await LogFile.RemoveAsync(leftover.Path).ConfigureAwait(false) ? [leftover.Path] : [];
        var store = new FolderStore(leftover.Path, time);
        return [.. store.RemoveAbandoned().Select(name => Path.Combine(store.Path, name))];
    }

    private PipelineException Interruption(RunRecord run, List<string> removed, List<string> problems)
    {
        var step = journal.ListSteps(run.Id) is [.., var last] ? $"in the step {last.Step}" : "before its first step";
        var cleaning = removed.Count == 0 ? "It left nothing behind." : $"Removed: {string.Join(", ", removed)}.";
        var trouble = problems.Count == 0 ? "" : $" Not removed: {string.Join(" ", problems)}";
        return new PipelineException(
            PipelineError.RunInterrupted, $"Process {run.Owner.ProcessId}, which ran job '{run.Job}', died {step}. {cleaning}{trouble}");
    }
}
