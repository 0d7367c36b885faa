using Microsoft.Extensions.Time.Testing;
using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.Control.Tests;

/// <summary>What is told of devices and what is done with their logs while they are used.</summary>
public sealed class DeviceControlTests : IAsyncLifetime
{
    private const int DiskSize = 4 << 20;

    private readonly TempFolder _folder = new();
    private readonly SnapBackupControl _control;
    private readonly SnapDeviceOptions _options;

    public DeviceControlTests()
    {
        _control = new SnapBackupControl(new StateFolder(_folder["state"]), _folder["nbd.sock"], TimeProvider.System);
        _options = new SnapDeviceOptions
        {
            Name = "web",
            Source = _folder["disk.img"],
            Logs = [new LogOptions { Path = _folder["log"], Size = 2 << 20 }],
            Overflow = new OverflowOptions { Horizon = TimeSpan.FromDays(3000), SlowFrom = 1 },
        };
    }

    public async ValueTask InitializeAsync()
    {
        var content = new byte[DiskSize];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(_folder["disk.img"], content);
        await _control.Devices.AttachAsync(_options);
    }

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_is_told_when_the_logs_will_be_full_and_what_to_do()
    {
        var clock = new FakeTimeProvider();
        await _control.Devices.RemoveAsync("web");
        await using var control = new SnapBackupControl(new StateFolder(_folder["state"]), _folder["other.sock"], clock);
        await control.Devices.AttachAsync(_options);
        await control.Snapshots.StartAsync("web", "first");
        var idle = control.Devices.Get("web");
        Assert.Equal((LogFillStage.None, null), (idle.LogFillStage, idle.LogFullAt));
        Assert.Empty(idle.Warnings);

        for (var offset = 0; offset < 1 << 20; offset += 16 << 10)
        {
            await WriteAsync(control, offset, 16 << 10);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        var filling = control.Devices.Get("web");
        Assert.Equal(LogFillStage.Filling, filling.LogFillStage);
        Assert.True(filling.LogFullAt > clock.GetUtcNow());
        Assert.Equal(filling.LogFullAt, clock.GetUtcNow() + filling.Statistics.TimeUntilLogFull);
        var warning = Assert.Single(filling.Warnings);
        Assert.StartsWith("web: its logs will be full in ", warning, StringComparison.Ordinal);
        Assert.EndsWith("Add a log, or end snapshots that are not needed.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_are_suggested_within_a_second_are_different()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 31, 2, 30, 0, TimeSpan.Zero));
        await _control.Devices.RemoveAsync("web");
        await using var control = new SnapBackupControl(new StateFolder(_folder["state"]), _folder["other.sock"], clock);
        await control.Devices.AttachAsync(_options);
        string[] expected = ["20260131T023000Z", "20260131T023000Z-2", "20260131T023000Z-3"];
        foreach (var name in expected)
        {
            Assert.Equal(name, control.Snapshots.SuggestName(["web"]));
            await control.Snapshots.StartAsync("web", name);
        }

        await control.Snapshots.EndAsync("web", expected[1], keepChanges: true); // a bookmark has its name too
        Assert.Equal("20260131T023000Z-4", control.Snapshots.SuggestName(["web"]));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("20260131T023001Z", control.Snapshots.SuggestName(["web"]));
    }

    [Fact]
    public async Task An_added_log_takes_what_the_others_have_no_room_for()
    {
        await _control.Snapshots.StartAsync("web", "first");
        var device = await _control.Devices.AddLogAsync("web", new LogOptions { Path = _folder["more"], Size = 4 << 20 });
        Assert.Equal([_folder["log"], _folder["more"]], device.Logs);
        await WriteAsync(DiskSize);
        Assert.Equal(PointState.Active, _control.Snapshots.Get("web").State);
        Assert.True((await _control.Devices.CheckAsync("web")).IsClean);
    }

    [Fact]
    public async Task A_check_names_each_snapshot_that_is_harmed_once()
    {
        await _control.Snapshots.StartAsync("web", "first");
        await WriteAsync(1 << 20);
        await using (var log = new FileStream(_folder["log"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            log.Position = 256 << 10;
            await log.WriteAsync(new byte[64 << 10]);
        }

        var report = await _control.Devices.CheckAsync("web");

        Assert.Equal("web", report.Device);
        Assert.False(report.IsClean);
        Assert.True(report.FindingCount > 1);
        Assert.Equal(report.FindingCount, report.Findings.Count);
        Assert.Equal(["first"], report.HarmedSnapshots);
    }

    private Task WriteAsync(int length) => WriteAsync(_control, 0, length);

    private static async Task WriteAsync(SnapBackupControl control, long offset, int length)
    {
        var origin = control.Devices.OpenOrigin("web");
        await using (origin)
            await origin.WriteAsync(offset, new byte[length]);
    }
}
