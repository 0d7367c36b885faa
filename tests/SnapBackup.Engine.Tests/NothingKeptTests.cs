using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests;

/// <summary>Logs that a crash has left without a catalog: it is told why nothing is kept, and they can be set up anew; but not those that may keep something.</summary>
public sealed class NothingKeptTests : IDisposable
{
    private const int Size = 64 << 10;

    private static readonly DeviceSettings Volatile = new() { Durability = LogDurability.Volatile };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_set_up_that_a_crash_cut_short_at_any_moment_is_told_from_a_loss_and_can_be_done_again(bool usedBefore)
    {
        var logs = Enumerable.Range(0, 2).Select(i => new MemoryBlockDevice($"log{i}", Disk.LogOf(1))).ToArray();
        if (usedBefore)
        {
            await using var before = await SnapDevice.SetUpAsync("snap0", new MemoryBlockDevice("source", Size), logs, new DeviceSettings());
            await before.StartSnapshotAsync("s");
            await before.TearDownAsync();
        }

        var outcomes = new HashSet<EngineError?>();
        var cuts = new PowerCuts(logs, async left =>
        {
            var after = left.Select((content, i) => new MemoryBlockDevice($"log{i}", content)).ToArray();
            var refusal = await Record.ExceptionAsync(() => OpenAndCloseAsync(after));
            outcomes.Add(((EngineException?)refusal)?.Reason);
            await using var again = await SnapDevice.SetUpAsync("snap0", new MemoryBlockDevice("source", Size), after, new DeviceSettings());
            await again.StartSnapshotAsync("s");
        });
        await using var device = await SnapDevice.SetUpAsync("snap0", new MemoryBlockDevice("source", Size), logs, new DeviceSettings());
        cuts.Stop();
        Assert.Contains(EngineError.NothingKept, outcomes);
        Assert.DoesNotContain(EngineError.LogMissing, outcomes);
        Assert.DoesNotContain(EngineError.LogCorrupt, outcomes);
    }

    [Fact]
    public async Task A_volatile_log_that_a_crash_left_without_a_catalog_says_so_and_can_be_set_up_anew()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1), Disk.LogOf(1)], Volatile);
        await disk.Device.StartSnapshotAsync("s");
        foreach (var log in disk.Logs)
            LoseCatalogs(log.Content);
        await Errors.ExpectAsync(EngineError.NothingKept, "volatile", disk.OpenAfterCrashAsync);
        await using var device = await SnapDevice.SetUpAsync("snap0", disk.Source, disk.Logs, new DeviceSettings());
        Assert.Empty(device.Snapshots);
    }

    [Fact]
    public async Task Of_volatile_logs_of_which_one_has_a_catalog_it_is_told_what_was_kept_and_why_it_is_gone()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1), Disk.LogOf(1)], Volatile);
        await disk.Device.StartSnapshotAsync("s");
        LoseCatalogs(disk.Logs[0].Content);
        await using var after = await disk.OpenAfterCrashAsync();
        Assert.Contains("volatile", after.Device.GetSnapshot("s").BreakCause!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strict_log_without_a_catalog_has_lost_it_and_is_not_set_up_anew_unless_that_is_asked_for()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)]);
        await disk.Device.StartSnapshotAsync("s");
        LoseCatalogs(disk.Logs[0].Content);
        await Errors.ExpectAsync(EngineError.LogCorrupt, "lost their catalogs", disk.OpenAfterCrashAsync);
        await Errors.ExpectAsync(EngineError.LogCorrupt, "log0", () => SnapDevice.SetUpAsync("snap0", disk.Source, disk.Logs, new DeviceSettings()));
        await using var anew = await SnapDevice.SetUpAsync("snap0", disk.Source, [new LogDevice(disk.Logs[0]) { MayDiscard = true }], new DeviceSettings());
    }

    [Theory]
    [InlineData(LogDurability.Volatile, true)]
    [InlineData(LogDurability.Strict, false)]
    public async Task Attaching_sets_up_anew_what_keeps_nothing_and_refuses_what_may(LogDurability durability, bool attaches)
    {
        await File.WriteAllBytesAsync(_folder["source"], new byte[Size]);
        var options = new SnapDeviceOptions
        {
            Name = "snap0",
            Source = _folder["source"],
            Logs = [new LogOptions { Path = _folder["log0"], Size = 1 << 20 }],
            Durability = durability,
        };
        await using (var device = await SnapDevice.AttachAsync(options))
            await device.StartSnapshotAsync("s");
        var log = await File.ReadAllBytesAsync(_folder["log0"]);
        LoseCatalogs(log);
        await File.WriteAllBytesAsync(_folder["log0"], log);
        if (attaches)
        {
            await using var again = await SnapDevice.AttachAsync(options);
            Assert.Empty(again.Snapshots);
        }
        else
        {
            await Errors.ExpectAsync(EngineError.LogCorrupt, "lost their catalogs", () => SnapDevice.AttachAsync(options));
        }
    }

    private static void LoseCatalogs(byte[] log) => log.AsSpan((int)LogLayout.CatalogOffset, LogLayout.CatalogSlots * LogLayout.CatalogSlotSize).Fill(0xEE);

    private static async Task OpenAndCloseAsync(MemoryBlockDevice[] logs)
    {
        var copies = logs.Select(log => new MemoryBlockDevice(log.Name, log.Content.ToArray())).ToArray();
        await using var device = await SnapDevice.OpenAsync("snap0", new MemoryBlockDevice("source", Size), copies, new DeviceSettings());
    }
}
