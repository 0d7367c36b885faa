using SnapBackup.Engine;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>
/// Runs jobs over the snap devices of this process: prepare, freeze, flush, start a snapshot, thaw, archive it, end it, tear down, retain.
/// Runs of different sources may run at the same time; those of one source follow each other.
/// </summary>
/// <param name="devices">The devices of this process; the caller's.</param>
/// <param name="journal">Where every run is recorded; the caller's.</param>
/// <param name="time">The clock.</param>
/// <param name="freezer">Freezes what is mounted from origins while a snapshot starts; null for nobody.</param>
public sealed class BackupCycle(SnapDeviceTable devices, RunJournal journal, TimeProvider time, IOriginFreezer? freezer = null) : IAsyncDisposable
{
    private readonly SourceTurns _turns = new();
    private readonly CancellationTokenSource _interruption = new();

    /// <summary>Guards the list of runs and the end: none begins after it.</summary>
    private readonly Lock _lock = new();
    private readonly List<Task> _runs = [];
    private Task? _end;

    /// <summary>Raised when a run has ended and is recorded, on its thread; the handler must not throw.</summary>
    public event EventHandler<RunEndedEventArgs>? RunEnded;

    /// <summary>Runs a job once and records it. What the run set up is taken down when the task ends, in every outcome.</summary>
    /// <param name="job">A valid job.</param>
    /// <param name="trigger">Why it runs.</param>
    /// <param name="progress">Told about each step as it begins and about the archive as it grows, on the threads of the run.</param>
    /// <param name="cancellationToken">Cancels the run, in any step.</param>
    /// <returns>How it ended; a failed, cancelled or interrupted run is a result, not an exception.</returns>
    /// <exception cref="PipelineException"><see cref="PipelineError.JournalUnusable"/>: the run could not be recorded.</exception>
    /// <exception cref="ObjectDisposedException">The cycle was disposed.</exception>
    public Task<RunResult> RunAsync(
        JobDocument job, RunTrigger trigger, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_end is not null, this);
            var run = Task.Run(() => ExecuteAsync(job, trigger, progress, cancellationToken), CancellationToken.None);
            _runs.RemoveAll(other => other.IsCompleted);
            _runs.Add(run);
            return run;
        }
    }

    /// <summary>Keeps runs away from a source while its device is changed: those that begin meanwhile wait.</summary>
    /// <param name="source">The source's path.</param>
    /// <returns>What ends the reservation when it is disposed; null when a run has the source now.</returns>
    public IDisposable? TryReserve(string source) => _turns.TryTake(source);

    /// <summary>
    /// Interrupts the runs under way, because the process is to end, and waits until all they set up is taken down. They are
    /// recorded as interrupted, so that the next start can catch them up.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
            return new ValueTask(_end ??= InterruptAsync([.. _runs]));
    }

    /// <summary>Records a run that could not begin, because its job cannot be read or the process is to end.</summary>
    internal void Refuse(string job, RunTrigger trigger, PipelineException error)
    {
        var outcome = error.Reason == PipelineError.RunInterrupted ? RunOutcome.Interrupted : RunOutcome.Failed;
        End(journal.Begin(job, source: null, trigger), outcome, error);
    }

    private async Task InterruptAsync(IReadOnlyList<Task> runs)
    {
        await _interruption.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(runs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _interruption.Dispose();
    }

    private async Task<RunResult> ExecuteAsync(
        JobDocument job, RunTrigger trigger, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _interruption.Token);
        var id = journal.Begin(job.Name, job.Source, trigger);
        var run = new BackupRun(id, job, devices, _turns, journal, time, freezer, progress);
        var error = await run.ExecuteAsync(either.Token).ConfigureAwait(false);
        var outcome = BackupRun.OutcomeOf(error, either.Token);
        if (outcome == RunOutcome.Cancelled && !cancellationToken.IsCancellationRequested)
        {
            outcome = RunOutcome.Interrupted;
            error = new PipelineException(
                PipelineError.RunInterrupted, $"The process that ran job '{job.Name}' was stopped. Run it again, or let the scheduler catch it up.", error);
        }

        return End(id, outcome, error);
    }

    private RunResult End(long id, RunOutcome outcome, Exception? error)
    {
        journal.End(id, outcome, error);
        var result = new RunResult(journal.Get(id), error);
        RunEnded?.Invoke(this, new RunEndedEventArgs(result));
        return result;
    }
}
