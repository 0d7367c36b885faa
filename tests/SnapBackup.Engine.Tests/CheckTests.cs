using CsCheck;

namespace SnapBackup.Engine.Tests;

/// <summary>A check of a sound device finds nothing, whatever was done with it and is being done: which tests the engine for leaks.</summary>
public sealed class CheckTests
{
    private const int Size = (40 * 4096) + 700;

    [Fact]
    public async Task A_fresh_device_is_clean()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20, 1 << 20]);
        var report = await disk.Device.CheckAsync();
        Assert.True(report.IsClean);
        Assert.Equal(0, report.Segments);
        Assert.True(report.BytesRead > 0);
    }

    [Fact]
    public async Task A_report_tells_what_was_verified()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 40_960, 1);
        await disk.FillAsync(81_920, 4096, 1);
        var report = await disk.Device.CheckAsync();
        Assert.True(report.IsClean);
        Assert.Equal((1, 2, 11), (report.Segments, report.CommitGroups, report.Records));
    }

    [Fact]
    public async Task Progress_goes_from_the_first_segment_to_the_last()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [4 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 1 << 20, 1);
        var progress = new CollectedProgress();
        var report = await disk.Device.CheckAsync(progress);
        Assert.Equal(Enumerable.Range(0, (int)report.Segments + 1), progress.Told.Select(told => told.Segments));
        Assert.Equal(report.BytesRead, progress.Told[^1].BytesRead);
    }

    [Fact]
    public async Task A_check_of_a_device_that_was_torn_down_is_refused_and_one_under_way_ends()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [4 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 1 << 20, 1);
        Task? tearDown = null;
        var progress = new CollectedProgress { OnReport = _ => tearDown ??= disk.Device.TearDownAsync(force: true) };
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.Device.CheckAsync(progress));
        await tearDown!;
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.Device.CheckAsync());
    }

    [Fact]
    public async Task A_check_can_be_cancelled()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [4 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 1 << 20, 1);
        using var cancellation = new CancellationTokenSource();
        var progress = new CollectedProgress { OnReport = _ => cancellation.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => disk.Device.CheckAsync(progress, cancellation.Token));
        Assert.True((await disk.Device.CheckAsync()).IsClean);
    }

    [Fact]
    public Task After_anything_a_device_is_clean() =>
        Gen.Select(Gen.Int[0, 12], DiskWrite.Within(0, Size)).List[1, 50].SampleAsync(
            steps => RunAsync(steps, [400 << 10, 300 << 10]), iter: 100);

    [Fact]
    public Task After_anything_on_logs_that_overflow_a_device_is_clean() =>
        Gen.Select(Gen.Int[0, 12], DiskWrite.Within(0, Size)).List[1, 50].SampleAsync(
            steps => RunAsync(steps, [140 << 10, 210 << 10]), iter: 100);

    [Fact]
    public async Task Under_writers_and_changing_snapshots_nothing_is_found()
    {
        await using var disk = await Disk.CreateAsync(4 << 20, [4 << 20, 4 << 20], new DeviceSettings { ChangeGranularity = 8192 });
        foreach (var log in disk.Logs)
            log.Fault = (_, _, _) => Thread.Yield();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 3).Select(writer => Task.Run(() => WriteAsync(disk, writer, stop.Token))).ToList();
        var snapshots = Task.Run(() => ChangeSnapshotsAsync(disk, stop.Token));
        for (var round = 0; round < 150; round++)
            AssertClean(await disk.Device.CheckAsync());
        await stop.CancelAsync();
        await Task.WhenAll(writers.Append(snapshots));
        AssertClean(await disk.Device.CheckAsync());
    }

    private static async Task WriteAsync(Disk disk, int writer, CancellationToken stop)
    {
        var random = new Random(writer);
        while (!stop.IsCancellationRequested)
            await disk.FillAsync(random.Next((4 << 20) - 60_000), random.Next(1, 60_000), (byte)writer);
    }

    private static async Task ChangeSnapshotsAsync(Disk disk, CancellationToken stop)
    {
        var random = new Random(7);
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            await disk.Device.StartSnapshotAsync($"s{number}", CancellationToken.None);
            if (disk.Device.Snapshots.Count > 3)
                await disk.Device.EndSnapshotAsync(disk.Device.Snapshots[random.Next(3)].Name, number % 2 == 0, CancellationToken.None);
            if (disk.Device.Bookmarks.Count > 2)
                await disk.Device.ForgetBookmarkAsync(disk.Device.Bookmarks[0].Name, CancellationToken.None);
        }
    }

    private static async Task RunAsync(List<(int Choice, DiskWrite Write)> steps, int[] logs)
    {
        var disk = await Disk.CreateAsync(Size, logs, new DeviceSettings { ChangeGranularity = 8192, Allocation = LogAllocation.Striped });
        var model = disk.Source.Content.ToArray();
        var number = 0;
        foreach (var (choice, write) in steps)
        {
            switch (choice)
            {
                case < 5:
                    await write.ApplyAsync(disk.Origin, model);
                    break;
                case < 7:
                    await disk.Device.StartSnapshotAsync($"s{number++}");
                    break;
                case < 9:
                    if (disk.Device.Snapshots is { Count: > 0 } snapshots)
                        await disk.Device.EndSnapshotAsync(snapshots[write.Offset % snapshots.Count].Name, keepChanges: write.Length % 2 == 0);
                    break;
                case 9:
                    if (disk.Device.Bookmarks is { Count: > 0 } bookmarks)
                        await disk.Device.ForgetBookmarkAsync(bookmarks[write.Offset % bookmarks.Count].Name);
                    break;
                case 10:
                    await disk.ReopenAsync();
                    break;
                case 11:
                    if (disk.Device.Snapshots.FirstOrDefault(snapshot => snapshot.State == SnapshotState.Active) is { } target)
                        await RollBackAsync(disk.Device, target.Name);
                    break;
                default:
                    var crashed = disk;
                    disk = await disk.OpenAfterCrashAsync();
                    await crashed.DisposeAsync();
                    break;
            }

            AssertClean(await disk.Device.CheckAsync());
        }

        await disk.DisposeAsync();
    }

    private static async Task RollBackAsync(SnapDevice device, string name)
    {
        try
        {
            await device.RollBackAsync(name, force: true);
        }
        catch (EngineException refusal)
        {
            Assert.Equal(EngineError.LogsTooFull, refusal.Reason);
        }
    }

    private static void AssertClean(CheckReport report) => Assert.Empty(report.Findings.Select(finding => $"{finding.Kind}: {finding.Message}"));
}
