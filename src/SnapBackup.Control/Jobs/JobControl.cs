using SnapBackup.Pipeline;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Control.Jobs;

/// <summary>The job documents of a state folder, and the runs that its journal records.</summary>
public sealed class JobControl : IAsyncDisposable
{
    private readonly StateFolder _state;
    private readonly ICronCalendar _cron;
    private readonly TimeProvider _time;
    private readonly Devices.DeviceControl _devices;
    private readonly IOriginFreezer _freezer;

    /// <summary>Guards the opening of journal and cycle. One that failed is tried again when it is next needed.</summary>
    private readonly Lock _opening = new();
    private RunJournal? _journal;
    private BackupCycle? _cycle;

    internal JobControl(StateFolder state, Devices.DeviceControl devices, IOriginFreezer freezer, ICronCalendar cron, TimeProvider time)
    {
        _state = state;
        _devices = devices;
        _freezer = freezer;
        _cron = cron;
        _time = time;
        Folder = new JobFolder(state.Jobs, new JobValidator(cron, time));
    }

    /// <summary>The documents themselves.</summary>
    internal JobFolder Folder { get; }

    /// <summary>The record of the runs; opened when it is first needed.</summary>
    internal RunJournal Journal
    {
        get
        {
            lock (_opening)
                return _journal ??= RunJournal.Open(_state.Journal, _time);
        }
    }

    /// <summary>Runs jobs on the devices of this process.</summary>
    internal BackupCycle Cycle
    {
        get
        {
            lock (_opening)
                return _cycle ??= new BackupCycle(_devices.Table, Journal, _time, _freezer);
        }
    }

    /// <summary>Writes a job's document. A service that watches the folder takes it up at once.</summary>
    /// <param name="job">The job.</param>
    /// <param name="replace">Whether a job of that name may be replaced.</param>
    /// <exception cref="PipelineException">The job cannot be used, exists already, or the folder cannot be written.</exception>
    public SnapBackupJobInfo Register(JobDocument job, bool replace = false)
    {
        Folder.Write(job, replace);
        return Describe(job);
    }

    /// <summary>All jobs by name, those whose document cannot be used among them, with the reason.</summary>
    /// <exception cref="PipelineException">The folder cannot be read.</exception>
    public IReadOnlyList<SnapBackupJobInfo> List()
    {
        if (!Directory.Exists(_state.Jobs))
            return []; // nobody has registered one yet
        var content = Folder.ReadAll();
        var broken = content.Broken.Select(pair => new SnapBackupJobInfo { Name = pair.Key, Problem = pair.Value.Message });
        return [.. content.Jobs.Select(Describe).Concat(broken).OrderBy(job => job.Name, StringComparer.Ordinal)];
    }

    /// <summary>The job of that name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="PipelineException">There is none, or its document cannot be used.</exception>
    public SnapBackupJobInfo Get(string name) => Describe(Folder.Read(name));

    /// <summary>Removes a job's document; its archives and the record of its runs stay.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="PipelineException">There is none, or the folder cannot be written.</exception>
    public void Unregister(string name) => Folder.Remove(name);

    /// <summary>Runs a job now, in this process.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="progress">Told about each step and how far the archive is.</param>
    /// <param name="cancellationToken">Cancels the run, in any step; what it set up is taken down.</param>
    /// <returns>How it went, and what ended it; null when it succeeded.</returns>
    /// <exception cref="PipelineException">There is no such job, or the run could not be recorded.</exception>
    public async Task<(SnapBackupRunInfo Run, Exception? Error)> RunAsync(
        string name, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var job = Folder.Read(name);
        await new RunRecovery(Journal, _devices.Table, _time).RecoverAsync().ConfigureAwait(false);
        var result = await Cycle.RunAsync(job, RunTrigger.Manual, progress, cancellationToken).ConfigureAwait(false);
        return (Describe(result.Run), result.Error);
    }

    /// <summary>Runs that were recorded, the newest first.</summary>
    /// <param name="query">Which.</param>
    /// <exception cref="PipelineException">The journal cannot be read.</exception>
    public IReadOnlyList<SnapBackupRunInfo> ListRuns(RunQuery query) => [.. Journal.List(query).Select(Describe)];

    /// <summary>One run.</summary>
    /// <param name="id">Its number.</param>
    /// <exception cref="PipelineException">There is none of that number, or the journal cannot be read.</exception>
    public SnapBackupRunInfo GetRun(long id) => Describe(Journal.Get(id));

    /// <summary>Interrupts runs under way, waits until what they set up is taken down, and closes the journal.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_cycle is not null)
            await _cycle.DisposeAsync().ConfigureAwait(false);
        _journal?.Dispose();
    }

    private SnapBackupRunInfo Describe(RunRecord run) => SnapBackupRunInfo.Of(run, Journal.ListSteps(run.Id));

    private SnapBackupJobInfo Describe(JobDocument job) => new()
    {
        Name = job.Name,
        Source = job.Source,
        Logs = [.. job.Logs.Select(log => log.Path)],
        Store = job.Store,
        Cron = job.Schedule?.Cron,
        TimeZone = job.Schedule?.TimeZone,
        Missed = job.Schedule?.Missed,
        Keep = job.Keep,
        Attach = job.Attach,
        NextRun = job.Schedule is { } schedule
            ? _cron.NextAfter(schedule.Cron, TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone), _time.GetUtcNow())
            : null,
    };
}
