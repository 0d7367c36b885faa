using SnapBackup.Archive;
using SnapBackup.Archive.Stores;
using SnapBackup.Blocks;
using SnapBackup.Control;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;
using SnapBackup.Pipeline.Quartz;

namespace SnapBackup.Service.Tests;

/// <summary>A state folder and a disk to back up, in a folder of their own, and the daemons that were started on them.</summary>
public sealed class ServiceFixture : IAsyncDisposable
{
    public const string EverySecond = "* * * * * ?";

    /// <summary>Not while a test runs: in the last minute of a 29 February.</summary>
    public const string Rarely = "59 23 29 2 *";

    private readonly TempFolder _temp = new();
    private readonly List<Daemon> _daemons = [];
    private readonly JobFolder _folder;
    private RunJournal? _journal;

    public ServiceFixture()
    {
        State = new StateFolder(_temp["state"]);
        _folder = new JobFolder(State.Jobs, new JobValidator(new QuartzCronCalendar(), TimeProvider.System));
        Directory.CreateDirectory(_temp["store"]);
    }

    public string this[string name] => _temp[name];

    public StateFolder State { get; }

    public RunJournal Journal => _journal ??= RunJournal.Open(State.Journal, TimeProvider.System);

    public FolderStore Store => new(_temp["store"], TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in _daemons)
            await daemon.DisposeAsync();
        _journal?.Dispose();
        _temp.Dispose();
    }

    public Daemon StartDaemon(params string[] more)
    {
        var daemon = Daemon.Start(["--state", State.Path, .. more]);
        _daemons.Add(daemon);
        return daemon;
    }

    /// <summary>What a shell on the same state folder works with; the caller disposes it.</summary>
    public SnapBackupControl NewControl() => new(State, _temp["shell.sock"], TimeProvider.System);

    /// <summary>A job of its own disk, which is made when it is missing, with <paramref name="mebibytes"/> that do not compress at once.</summary>
    public JobDocument NewJob(string name, string? cron, int mebibytes = 4)
    {
        var job = new JobDocument
        {
            Name = name,
            Source = _temp[$"{name}.img"],
            Logs = [new JobLog { Path = _temp[$"{name}.log"], Size = new ByteSize(8 << 20) }],
            Store = _temp["store"],
            Schedule = cron is null ? null : new JobSchedule { Cron = cron },
        };
        if (!File.Exists(job.Source))
            MakeDisk(job.Source, mebibytes);
        return job;
    }

    public void Write(JobDocument job) => _folder.Write(job, replace: true);

    public void WriteText(string name, string text) => File.WriteAllText(Path.Combine(State.Jobs, $"{name}.json"), text);

    public void Remove(string name) => _folder.Remove(name);

    /// <summary>The runs of a job, the oldest first.</summary>
    public IReadOnlyList<RunRecord> RunsOf(string job) => [.. Journal.List(new RunQuery { Job = job }).Reverse()];

    /// <summary>Whether a run of the job is in the middle of its archive.</summary>
    public bool IsArchiving(string job) => RunsOf(job) is [.., { Outcome: RunOutcome.Running }] && PartialArchives is [var partial] && partial.Length > 0;

    public IReadOnlyList<FileInfo> PartialArchives => new DirectoryInfo(Store.Path).GetFiles("*.partial");

    /// <summary>That the run's archive is whole and holds what the job's disk holds.</summary>
    public async Task AssertArchiveHoldsDiskAsync(RunRecord run, JobDocument job)
    {
        Assert.Equal(RunOutcome.Succeeded, run.Outcome);
        await using var archive = await ImageArchive.OpenAsync(run.Archive!);
        Assert.True((await archive.VerifyAsync()).IsIntact);
        var restored = _temp[$"restored-{run.Id}.img"];
        await archive.RestoreAsync(restored);
        Assert.True(File.ReadAllBytes(restored).AsSpan().SequenceEqual(File.ReadAllBytes(job.Source)), "the archive holds the disk");
    }

    /// <summary>That no run left anything of the job: no log, no unfinished archive, no lock on its disk, no socket.</summary>
    public async Task AssertNothingIsLeftAsync(JobDocument job)
    {
        Assert.Empty(PartialArchives);
        Assert.All(job.Logs, log => Assert.False(File.Exists(log.Path)));
        Assert.False(File.Exists(State.Socket));
        await FileBlockDevice.Open(job.Source).DisposeAsync();
    }

    private static void MakeDisk(string path, int mebibytes)
    {
        var random = new Random(mebibytes);
        using var file = File.Create(path);
        var block = new byte[1 << 20];
        for (var i = 0; i < mebibytes; i++)
        {
            random.NextBytes(block);
            for (var at = 0; at < block.Length; at++)
                block[at] &= 0x3F; // six bits a byte: the compressor has work to do
            file.Write(block);
        }
    }
}
