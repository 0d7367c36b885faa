using System.Threading.Channels;
using SnapBackup.Blocks;
using SnapBackup.Control.Devices;
using SnapBackup.Control.Jobs;
using SnapBackup.Engine;
using SnapBackup.Pipeline;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Quartz;

namespace SnapBackup.Control.Scheduling;

/// <summary>
/// Runs the jobs of a state folder at their times, follows the documents as they change, and keeps the devices of the jobs
/// that are attached always.
/// </summary>
/// <remarks>
/// It works on the devices, the journal and the cycle of a <see cref="SnapBackupControl"/>. To end: <see cref="StopAsync"/>,
/// then dispose the control, which stops the NBD server and lets the devices go with their snapshots. One service a state folder at a time is
/// the caller's duty.
/// </remarks>
public sealed class JobService : IAsyncDisposable
{
    /// <summary>How long after a notice the folder is read, so that several changes are taken up at once.</summary>
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(200);

    private readonly SnapBackupControl _control;
    private readonly IJobServiceObserver _observer;
    private readonly JobServiceOptions _options;
    private readonly JobCatalog _catalog;
    private readonly AttachedDevices _devices;
    private readonly ProblemLedger _problems;
    private readonly FolderWatch _watch;
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stopping = new();
    private BackupScheduler? _scheduler;
    private ITimer? _timer;
    private Task _following = Task.CompletedTask;
    private bool _isDisposed;

    /// <summary>Makes the service; <see cref="StartAsync"/> starts it.</summary>
    /// <param name="control">What it works with; the caller's.</param>
    /// <param name="observer">Told what happens; null for nobody.</param>
    /// <param name="options">How it works; the usual when left out.</param>
    public JobService(SnapBackupControl control, IJobServiceObserver? observer = null, JobServiceOptions? options = null)
    {
        _control = control;
        _observer = observer ?? new Nobody();
        _options = options ?? new JobServiceOptions();
        _catalog = new JobCatalog(_observer);
        _devices = new AttachedDevices(control.Devices, control.Jobs, _observer);
        _problems = new ProblemLedger((_, problem) => _observer.OnProblem(null, problem));
        _watch = new FolderWatch(Folder.Path, Wake);
    }

    private JobFolder Folder => _control.Jobs.Folder;

    private JobControl Jobs => _control.Jobs;

    /// <summary>
    /// Starts once: cleans up after runs of dead processes, makes the job folder when it is missing, attaches and serves the
    /// devices of the jobs that are attached always, catches up what was missed, and from then on runs and follows the jobs.
    /// A job that cannot be used is reported and stops nobody.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapBackupException">The journal, the schedule, the folder or the socket cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        CreateFolder();
        foreach (var run in await new RunRecovery(Jobs.Journal, _control.Devices.Table, _control.Time).RecoverAsync().ConfigureAwait(false))
            _observer.OnRecovered(run);
        _control.Devices.Serve();
        Jobs.Cycle.RunEnded += OnRunEnded;
        _control.Devices.Table.LogFilling += OnLogFilling;

        // Watched before it is read, so that no change falls between.
        Watch();
        var content = Folder.ReadAll();
        _catalog.Follow(content);
        await _devices.SyncAsync(content, cancellationToken).ConfigureAwait(false);
        _scheduler = await OpenSchedulerAsync(cancellationToken).ConfigureAwait(false);
        await _scheduler.SyncAsync(content, cancellationToken).ConfigureAwait(false);
        foreach (var job in await _scheduler.StartAsync(content, cancellationToken).ConfigureAwait(false))
            _observer.OnCatchUp(job);
        _timer = _control.Time.CreateTimer(_ => Wake(), null, _options.ResyncInterval, _options.ResyncInterval);
        _following = FollowAsync(_stopping.Token);
    }

    /// <summary>
    /// Stops because the process is to end: nothing begins any more, and the runs under way are interrupted, taken down and
    /// recorded as such, so that the next start catches them up. The control can run no jobs after it. The devices stay
    /// until the control is disposed, and their snapshots beyond that.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting; what is not done then is done by the next start.</param>
    /// <exception cref="OperationCanceledException">It gave up.</exception>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await StopFollowingAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_scheduler is not null)
            await _scheduler.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets go what it holds without waiting for runs under way; disposing the control interrupts them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await StopFollowingAsync().ConfigureAwait(false);
        if (_scheduler is not null)
            await _scheduler.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private void CreateFolder()
    {
        try
        {
            Directory.CreateDirectory(Folder.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PipelineException(
                PipelineError.JobFolderUnusable, $"{Folder.Path}: the folder of the job documents cannot be made: {exception.Message}", exception);
        }
    }

    private Task<BackupScheduler> OpenSchedulerAsync(CancellationToken cancellationToken)
    {
        var options = new BackupSchedulerOptions
        {
            DatabasePath = _control.State.Schedule,
            MaxConcurrentRuns = _options.MaxConcurrentRuns,
            Loggers = _options.Loggers,
        };
        return BackupScheduler.OpenAsync(options, Folder, Jobs.Cycle, Jobs.Journal, _control.Time, new ProgressRelay(_observer), cancellationToken);
    }

    private async Task StopFollowingAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_timer is not null)
            await _timer.DisposeAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _watch.Dispose();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await _wakes.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(Debounce, _control.Time, cancellationToken).ConfigureAwait(false);
            _wakes.Reader.TryRead(out _);
            await FollowOnceAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FollowOnceAsync(CancellationToken cancellationToken)
    {
        const string Documents = "documents";
        try
        {
            Watch();
            var content = Folder.ReadAll();
            _catalog.Follow(content);
            await _devices.SyncAsync(content, cancellationToken).ConfigureAwait(false);
            await _scheduler!.SyncAsync(content, cancellationToken).ConfigureAwait(false);
            _problems.Settle(Documents);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _problems.Meet(Documents, exception);
        }
    }

    /// <summary>Without a watch the folder is read from time to time only; that is worth a word, but works.</summary>
    private void Watch()
    {
        const string Notices = "notices";
        try
        {
            _watch.Renew();
            _problems.Settle(Notices);
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            _problems.Meet(Notices, exception);
        }
    }

    private void Wake() => _wakes.Writer.TryWrite(true);

    private void OnLogFilling(object? sender, DeviceLogForecastEventArgs told) => _observer.OnLogsFilling(LogNotice.Of(told.Device.Name, told.Forecast));

    private void OnRunEnded(object? sender, RunEndedEventArgs ended)
    {
        _observer.OnRunEnded(ended.Result);
        Wake(); // a change of its device may have waited for it
    }

    private sealed class Nobody : IJobServiceObserver;

    private sealed class ProgressRelay(IJobServiceObserver observer) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => observer.OnProgress(value);
    }
}
