using System.Diagnostics;
using System.Globalization;
using SnapBackup.Blocks;
using SnapBackup.Control;
using SnapBackup.Control.Jobs;
using SnapBackup.Control.Scheduling;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace NightlyBackup;

/// <summary>
/// Registers a job, lets the scheduler fire it, then restores the archive and compares it with what the disk held when the snapshot
/// started.
/// </summary>
internal sealed class NightlyRun(Workspace workspace, Arguments arguments)
{
    private const string Job = "nightly";

    /// <summary>How soon the job is due: time enough for the service to notice its schedule.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(3);

    private readonly string _store = arguments.Store ?? workspace["store"];

    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        if (arguments.Store is null)
            Directory.CreateDirectory(_store);
        if (arguments.Source is { } source)
            await BackUpAsync(source, cancellationToken);
        else
            await BackUpBusyDiskAsync(cancellationToken);
    }

    /// <summary>A disk that nobody writes to meanwhile must restore to itself.</summary>
    private async Task BackUpAsync(string source, CancellationToken cancellationToken)
    {
        Report.Headline(source, _store);
        var run = await RunJobAsync(source, AttachMode.Run, new RunWatch(), _ => Task.CompletedTask, cancellationToken);
        var restored = await RestoreAsync(run, cancellationToken);
        await TimeAsync("compare", async () =>
        {
            await using var disk = FileBlockDevice.Open(source, new FileBlockDeviceOptions { ReadOnly = true });
            await using var image = FileBlockDevice.Open(restored);
            return await ImageComparison.FirstDifferenceAsync(disk, image, 0, disk.Size) is { } difference
                ? throw new InvalidOperationException($"The restored image differs from the disk in the mebibyte at {difference}.")
                : "the restored image is identical to the disk";
        });
        Console.WriteLine(arguments.Store is null
            ? "OK   backed up, restored and compared; the archive was for show, --store DIR keeps it"
            : $"OK   backed up, restored and compared: {run.Archive}");
    }

    private async Task BackUpBusyDiskAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var disk = await DemoDisk.MakeAsync(workspace["disk.img"]);
        var pristine = workspace["pristine.img"];
        File.Copy(disk.Path, pristine);
        await FlushAsync(disk.Path, pristine);
        Report.Headline(disk.HasFileSystem ? "a new ext4 image, a file of which is written all the time" : "a new data image (mke2fs is not installed)", _store);
        Report.Step("make disk", clock.Elapsed, Report.Size(new FileInfo(disk.Path).Length));

        var watch = new RunWatch();
        DiskWriter? writer = null;
        var run = await RunJobAsync(disk.Path, AttachMode.Always, watch, async control =>
        {
            await using var origin = control.Devices.OpenOrigin(Job);
            writer = new DiskWriter(origin, disk.DatabaseOffset, disk.DatabaseLength);
            watch.Writes = () => writer.Completed;
            using var enough = new CancellationTokenSource();
            var writing = writer.WriteAsync(enough.Token);
            await Task.WhenAny(watch.Ended, writing, Task.Delay(Timeout.Infinite, cancellationToken));
            await enough.CancelAsync();
            await writing;
        }, cancellationToken);
        var restored = await RestoreAsync(run, cancellationToken);
        await CompareAsync(writer!, watch, pristine, restored);
        if (disk.HasFileSystem)
            await CheckFileSystemAsync(restored);
        Console.WriteLine($"OK   backed up while {writer!.Completed} writes went on, restored and compared");
    }

    /// <summary>Runs the job as the service would, at its time, while <paramref name="meanwhile"/> uses the disk.</summary>
    private async Task<SnapBackupRunInfo> RunJobAsync(
        string source, AttachMode attach, RunWatch watch, Func<SnapBackupControl, Task> meanwhile, CancellationToken cancellationToken)
    {
        var state = new StateFolder(workspace["state"]);
        await using var control = new SnapBackupControl(state, workspace["nbd.sock"], TimeProvider.System);
        await using var service = new JobService(control, watch);
        await service.StartAsync(cancellationToken);
        var job = new JobDocument
        {
            Name = Job,
            Source = source,
            Logs = [new JobLog { Path = workspace["log"], Size = new ByteSize(256 << 20) }],
            Store = _store,
            Attach = attach,
        };
        control.Jobs.Register(job);
        if (attach == AttachMode.Always)
            await watch.Attached.WaitAsync(cancellationToken);
        var use = meanwhile(control);
        control.Jobs.Register(job with { Schedule = new JobSchedule { Cron = CronFor(TimeProvider.System.GetUtcNow() + Lead) } }, replace: true);
        RunResult result;
        try
        {
            result = await Report.WithBarAsync(watch.Ended.WaitAsync(cancellationToken), () => watch.Fraction);
        }
        finally
        {
            await use;
        }

        var run = control.Jobs.GetRun(result.Run.Id);
        foreach (var step in run.Steps)
            Report.Step(step.Step.ToString().ToLowerInvariant(), (step.Ended - step.Started) ?? default, Detail(step, run));
        await service.StopAsync(CancellationToken.None);
        return result.Error is null ? run : throw result.Error;
    }

    private static string Detail(StepRecord step, SnapBackupRunInfo run) => step switch
    {
        { Outcome: not RunOutcome.Succeeded } => "did not succeed",
        { Step: CycleStep.Archive } when run.ArchiveSize is { } size && run.SourceSize is { } source =>
            $"{Report.Size(source)} -> {Report.Size(size)}",
        _ => "",
    };

    private async Task<string> RestoreAsync(SnapBackupRunInfo run, CancellationToken cancellationToken)
    {
        var target = workspace["restored.img"];
        await TimeAsync("restore", async () =>
        {
            await using var control = new SnapBackupControl(new StateFolder(workspace["state"]), workspace["nbd.sock"], TimeProvider.System);
            return Report.Size((await control.Archives.RestoreAsync(run.Archive!, target, cancellationToken: cancellationToken)).Size);
        });
        return target;
    }

    private static Task CompareAsync(DiskWriter writer, RunWatch watch, string pristine, string restored) => TimeAsync("compare", async () =>
    {
        await using var copy = FileBlockDevice.Open(pristine);
        await using var image = FileBlockDevice.Open(restored);
        if (await writer.ReplayAsync(copy, image, watch.WritesBeforeStart, watch.WritesAfterStart) is not { } writes)
            throw new InvalidOperationException("The restored image is no state that the disk had while the snapshot started.");
        if (await ImageComparison.FirstDifferenceAsync(copy, image, 0, copy.Size) is { } difference)
            throw new InvalidOperationException($"The restored image differs from the disk in the mebibyte at {difference}.");
        return $"identical to the disk after write {writes} of {writer.Completed}";
    });

    private static Task CheckFileSystemAsync(string restored) => TimeAsync("e2fsck", async () =>
        await ExternalProgram.TryRunAsync("e2fsck", "-f", "-n", restored) is { ExitCode: not 0, Output: var output }
            ? throw new InvalidOperationException($"The restored file system is not clean: {output}")
            : "the restored file system is clean");

    private static async Task TimeAsync(string name, Func<Task<string>> work)
    {
        var clock = Stopwatch.StartNew();
        var detail = await work();
        Report.Step(name, clock.Elapsed, detail);
    }

    /// <summary>So that the backup's own flushes do not wait for the making of the disk.</summary>
    private static async Task FlushAsync(params string[] paths)
    {
        foreach (var path in paths)
        {
            await using var file = FileBlockDevice.Open(path);
            await file.FlushAsync();
        }
    }

    /// <summary>A cron expression for one moment, with seconds.</summary>
    private static string CronFor(DateTimeOffset time) => time.UtcDateTime.ToString("s m H d M '?' yyyy", CultureInfo.InvariantCulture);
}
