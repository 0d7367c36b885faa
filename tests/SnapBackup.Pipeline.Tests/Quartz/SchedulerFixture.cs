using System.Threading.Channels;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;
using SnapBackup.Pipeline.Quartz;

namespace SnapBackup.Pipeline.Tests.Quartz;

/// <summary>A folder of jobs, a disk, and what a service process has; <see cref="StartProcessAsync"/> begins its next life.</summary>
public sealed class SchedulerFixture : IAsyncDisposable
{
    private readonly TempFolder _temp = new();
    private readonly List<Process> _processes = [];

    public SchedulerFixture()
    {
        Job = TestJobs.Nightly(_temp.Path);
        MakeDisk(Job.Source);
        Directory.CreateDirectory(Job.Store);
        Folder = new JobFolder(_temp["jobs"], TestJobs.Validator);
        Folder.Write(Job);
    }

    public string this[string name] => _temp[name];

    public JobDocument Job { get; }

    public JobFolder Folder { get; }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        _temp.Dispose();
    }

    /// <summary>A second job, of its own disk, due at the same time.</summary>
    public void AddOther()
    {
        var other = Job with { Name = "other", Source = _temp["other.img"], Logs = [Job.Logs[0] with { Path = _temp["other.log"] }] };
        MakeDisk(other.Source);
        Folder.Write(other);
    }

    /// <summary>Opens everything at a time, as a service does when it starts.</summary>
    public async Task<Process> StartProcessAsync(DateTimeOffset now, IProgress<RunProgress>? progress = null, bool start = true, int maxConcurrentRuns = 4)
    {
        // Opened a little earlier, so that a time right after now is not missed while that goes on.
        var clock = ShiftedClock.At(now.AddMinutes(-1));
        var process = new Process(clock, _temp["runs.db"]);
        _processes.Add(process);
        var options = new BackupSchedulerOptions { DatabasePath = _temp["schedule.db"], MaxConcurrentRuns = maxConcurrentRuns };
        process.Scheduler = await BackupScheduler.OpenAsync(options, Folder, process.Cycle, process.Journal, process.Clock, progress);
        await process.Scheduler.SyncAsync(Folder.ReadAll());
        clock.MoveTo(now);
        if (start)
            process.CaughtUp = await process.Scheduler.StartAsync(Folder.ReadAll());
        return process;
    }

    private static void MakeDisk(string path) => File.WriteAllBytes(path, new byte[4 << 20]);

    public sealed class Process : IAsyncDisposable
    {
        private readonly Channel<RunResult> _ended = Channel.CreateUnbounded<RunResult>();
        private readonly SnapDeviceTable _devices = new();

        internal Process(TimeProvider clock, string journal)
        {
            Clock = clock;
            Journal = RunJournal.Open(journal, clock);
            Cycle = new BackupCycle(_devices, Journal, clock);
            Cycle.RunEnded += (_, ended) => _ended.Writer.TryWrite(ended.Result);
        }

        public TimeProvider Clock { get; }

        public RunJournal Journal { get; }

        public BackupCycle Cycle { get; }

        public BackupScheduler Scheduler { get; set; } = null!;

        public IReadOnlyList<string> CaughtUp { get; set; } = [];

        /// <summary>Opens, syncs and starts the schedule.</summary>
        public async Task BeginAsync(JobFolder folder, string database, CancellationToken cancellationToken)
        {
            var options = new BackupSchedulerOptions { DatabasePath = database };
            Scheduler = await BackupScheduler.OpenAsync(options, folder, Cycle, Journal, Clock, cancellationToken: cancellationToken);
            await Scheduler.SyncAsync(folder.ReadAll(), cancellationToken);
            await Scheduler.StartAsync(folder.ReadAll(), cancellationToken);
        }

        public async Task<RunResult> NextRunAsync() => await _ended.Reader.ReadAsync(TestContext.Current.CancellationToken);

        public async Task<ScheduledJob> ScheduledAsync() => Assert.Single(await Scheduler.ListAsync());

        public Task StopAsync() => Scheduler.StopAsync(TestContext.Current.CancellationToken);

        public IReadOnlyList<RunRecord> Runs => Journal.List(new RunQuery());

        public async ValueTask DisposeAsync()
        {
            await Cycle.DisposeAsync();
            if (Scheduler is not null)
                await Scheduler.DisposeAsync();
            await _devices.DisposeAsync();
            Journal.Dispose();
        }
    }
}
