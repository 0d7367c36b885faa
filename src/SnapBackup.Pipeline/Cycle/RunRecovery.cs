using SnapBackup.Archive.Stores;
using SnapBackup.Blocks;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>
/// Cleans up after runs whose process died: ends the snapshots that they kept, removes the logs that they made and the archives that
/// they did not finish, and records them as interrupted. Runs of living processes, this one or another, are left alone.
/// </summary>
/// <param name="journal">Where the runs are recorded.</param>
/// <param name="devices">The devices of this process.</param>
/// <param name="time">The clock.</param>
public sealed class RunRecovery(RunJournal journal, SnapDeviceTable devices, TimeProvider time)
{
    /// <summary>Recovers all dead runs. Done again, or by two processes at once, it does no harm.</summary>
    /// <returns>What was found.</returns>
    /// <exception cref="PipelineException"><see cref="PipelineError.JournalUnusable"/>.</exception>
    public Task<IReadOnlyList<RecoveredRun>> RecoverAsync() => RecoverAsync(_ => true);

    /// <summary>Recovers the dead runs of one source.</summary>
    /// <param name="source">Its path; runs that gave another path of the same file or device are meant too.</param>
    /// <inheritdoc cref="RecoverAsync()"/>
    public Task<IReadOnlyList<RecoveredRun>> RecoverAsync(string source)
    {
        var identity = FileIdentity.Of(source);
        return RecoverAsync(run =>
            run.Source is { } other && (other.Equals(source, StringComparison.Ordinal) || (identity is not null && FileIdentity.Of(other) == identity)));
    }

    private async Task<IReadOnlyList<RecoveredRun>> RecoverAsync(Predicate<RunRecord> which)
    {
        var recovered = new List<RecoveredRun>();
        foreach (var run in journal.ListUnsettled().Where(run => !run.Owner.IsAlive && which(run)))
            recovered.Add(await RecoverAsync(run).ConfigureAwait(false));
        return recovered;
    }

    private async Task<RecoveredRun> RecoverAsync(RunRecord run)
    {
        var leftovers = journal.ListLeftovers(run.Id);
        var places = leftovers.Where(leftover => leftover.Kind == LeftoverKind.Snapshot).ToList();
        var removed = new List<string>();
        var problems = new List<string>();
        if (!await TryRemoveAsync(run, places, () => EndSnapshotAsync(run, places), removed, problems).ConfigureAwait(false))
        {
            // The snapshot cannot be reached without any of its logs.
            var needed = places.Select(place => place.Path).ToHashSet(StringComparer.Ordinal);
            leftovers = [.. leftovers.Where(leftover => !needed.Contains(leftover.Path))];
        }

        foreach (var leftover in leftovers.Except(places))
            await TryRemoveAsync(run, [leftover], () => RemoveAsync(leftover), removed, problems).ConfigureAwait(false);

        // Last, so that a crash of the recovery itself leaves the run to be found again.
        if (run.Outcome == RunOutcome.Running)
            journal.End(run.Id, RunOutcome.Interrupted, Interruption(run, removed, problems));
        return new RecoveredRun(journal.Get(run.Id), removed, problems);
    }

    private async Task<bool> TryRemoveAsync(
        RunRecord run, IReadOnlyList<Leftover> leftovers, Func<Task<IReadOnlyList<string>>> remove, List<string> removed, List<string> problems)
    {
        try
        {
            removed.AddRange(await remove().ConfigureAwait(false));
            foreach (var leftover in leftovers)
                journal.Settle(run.Id, leftover);
            return true;
        }
        catch (Exception exception) when (exception is SnapBackupException and not PipelineException or UnauthorizedAccessException or IOException)
        {
            problems.Add(exception.Message);
            return false;
        }
    }

    private async Task<IReadOnlyList<string>> EndSnapshotAsync(RunRecord run, List<Leftover> places) =>
        places.Count > 0 && await RunSnapshot.EndAsync(devices, run, [.. places.Select(place => place.Path)]).ConfigureAwait(false)
            ? [$"the snapshot {RunSnapshot.NameOf(run.Id)} of {run.Source}"]
            : [];

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
