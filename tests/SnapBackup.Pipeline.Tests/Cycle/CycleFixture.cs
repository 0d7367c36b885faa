using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using SnapBackup.Archive;
using SnapBackup.Archive.Stores;
using SnapBackup.Blocks;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Tests.Cycle;

/// <summary>A disk image, a store, a journal and a cycle over them, in a folder of their own.</summary>
public sealed class CycleFixture : IAsyncDisposable
{
    public const int DiskSize = 16 << 20;

    private readonly TempFolder _temp = new();

    public CycleFixture()
    {
        Content = RandomNumberGenerator.GetBytes(DiskSize);
        Job = TestJobs.Nightly(_temp.Path);
        File.WriteAllBytes(Job.Source, Content);
        Directory.CreateDirectory(Job.Store);
        Journal = RunJournal.Open(_temp["runs.db"], TimeProvider.System);
        Cycle = new BackupCycle(Devices, Journal, TimeProvider.System);
    }

    public string this[string name] => _temp[name];

    public JobDocument Job { get; set; }

    /// <summary>What the disk held in the beginning.</summary>
    public byte[] Content { get; }

    public SnapDeviceTable Devices { get; } = new();

    public RunJournal Journal { get; }

    public BackupCycle Cycle { get; }

    public string LogPath => Job.Logs[0].Path;

    public FolderStore Store => new(Job.Store, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await Cycle.DisposeAsync();
        await Devices.DisposeAsync();
        Journal.Dispose();
        _temp.Dispose();
    }

    public Task<RunResult> RunAsync(IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Cycle.RunAsync(Job, RunTrigger.Manual, progress, cancellationToken);

    /// <summary>Sets the job's device up as the operator would, under another name than a run would give it.</summary>
    public Task<SnapDevice> SetUpDeviceAsync() => Devices.SetUpAsync(new SnapDeviceOptions
    {
        Name = "operators",
        Source = Job.Source,
        Logs = [new LogOptions { Path = LogPath, Size = Job.Logs[0].Size?.Bytes }],
    });

    /// <summary>Overwrites the whole disk through the origin, so that a small log overflows.</summary>
    public void OverwriteDisk(SnapDevice device)
    {
        var origin = device.OpenOrigin();
        for (var offset = 0; offset < DiskSize; offset += 1 << 20)
            origin.WriteAsync(offset, new byte[1 << 20]).AsTask().GetAwaiter().GetResult();
        origin.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>What the journal holds while another process is in the middle of an archive.</summary>
    /// <returns>The number of the run.</returns>
    internal long LeaveRun(ProcessIdentity owner, params IReadOnlyList<Leftover> leftovers)
    {
        var id = Journal.Begin(Job.Name, Job.Source, RunTrigger.Scheduled);
        Journal.BeginStep(id, CycleStep.Archive);
        foreach (var leftover in leftovers)
            Journal.Expect(id, leftover);
        using var connection = new SqliteConnection($"Data Source={_temp["runs.db"]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE runs SET process_id = $process, process_start = $start WHERE id = $id";
        command.Parameters.AddWithValue("$process", owner.ProcessId);
        command.Parameters.AddWithValue("$start", owner.StartTime);
        command.Parameters.AddWithValue("$id", id);
        Assert.Equal(1, command.ExecuteNonQuery());
        return id;
    }

    public async Task<IReadOnlyList<ArchiveInfo>> ListArchivesAsync() => (await Store.ListAsync()).Archives;

    /// <summary>That nothing of a run is left: no device, no log, no unfinished archive, no lock on the source, nothing to recover.</summary>
    public async Task AssertNothingIsLeftAsync()
    {
        Assert.Empty(Devices.Devices);
        Assert.False(File.Exists(LogPath));
        if (Directory.Exists(Job.Store))
            Assert.Empty(Store.ListPartial());
        if (File.Exists(Job.Source))
            await FileBlockDevice.Open(Job.Source).DisposeAsync();
        Assert.Empty(Journal.ListUnsettled());
    }

    public IReadOnlyDictionary<CycleStep, StepRecord> StepsOf(RunResult result) =>
        Journal.ListSteps(result.Run.Id).ToDictionary(step => step.Step);
}
