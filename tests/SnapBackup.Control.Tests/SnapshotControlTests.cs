using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.Control.Tests;

/// <summary>Which snapshot or bookmark is meant, and what is told of it.</summary>
public sealed class SnapshotControlTests : IAsyncLifetime
{
    private const int DiskSize = 4 << 20;

    private readonly TempFolder _folder = new();
    private readonly byte[] _content = new byte[DiskSize];
    private readonly SnapBackupControl _control;
    private readonly SnapDeviceOptions _options;

    public SnapshotControlTests()
    {
        _control = new SnapBackupControl(new StateFolder(_folder["state"]), _folder["nbd.sock"], TimeProvider.System);
        _options = new SnapDeviceOptions
        {
            Name = "web",
            Source = _folder["disk.img"],
            Logs = [new LogOptions { Path = _folder["log"], Size = 1 << 20 }], // a part of the disk
        };
    }

    public async ValueTask InitializeAsync()
    {
        new Random(1).NextBytes(_content);
        await File.WriteAllBytesAsync(_folder["disk.img"], _content);
        await _control.Devices.AttachAsync(_options);
    }

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_only_snapshot_needs_no_name()
    {
        var started = await _control.Snapshots.StartAsync("web", "first");
        Assert.Equivalent(started, _control.Snapshots.Get("web"), strict: true);

        await _control.Snapshots.EndAsync("web");

        Assert.Empty(_control.Snapshots.List());
        var error = Assert.Throws<EngineException>(() => _control.Snapshots.Get("web"));
        Assert.Equal(EngineError.SnapshotNotStarted, error.Reason);
    }

    [Fact]
    public async Task One_of_several_must_be_named_and_the_error_names_them()
    {
        await _control.Snapshots.StartAsync("web", "first");
        await _control.Snapshots.StartAsync("web", "second");
        Assert.Equal(["first", "second"], _control.Devices.Get("web").Snapshots);

        var error = await Assert.ThrowsAsync<ControlException>(() => _control.Snapshots.EndAsync("web"));
        Assert.Equal("ControlError.SnapshotNotNamed", error.ErrorId);
        Assert.Contains("web: it keeps 2 snapshots: first, second", error.Message, StringComparison.Ordinal);

        await _control.Snapshots.EndAsync("web", "first");
        Assert.Equal("second", Assert.Single(_control.Snapshots.List()).Name);
    }

    [Fact]
    public async Task A_bookmark_stays_of_an_ended_snapshot_when_changes_are_kept_and_is_forgotten_by_its_name()
    {
        await _control.Snapshots.StartAsync("web", "first");
        await _control.Snapshots.EndAsync("web", "first", keepChanges: true);

        Assert.Empty(_control.Snapshots.List());
        var bookmark = Assert.Single(_control.Snapshots.ListBookmarks());
        Assert.Equal(("web", "first", PointState.Bookmark, null), (bookmark.Device, bookmark.Name, bookmark.State, bookmark.Uri));
        Assert.Equal(bookmark, _control.Snapshots.Get("web", "first"));
        Assert.Equal(["first"], _control.Devices.Get("web").Bookmarks);

        var error = await Assert.ThrowsAsync<EngineException>(() => _control.Snapshots.EndAsync("web", "first", keepChanges: true));
        Assert.Equal(EngineError.SnapshotNotStarted, error.Reason);
        await _control.Snapshots.EndAsync("web", "first");
        Assert.Empty(_control.Snapshots.ListBookmarks());
    }

    [Fact]
    public async Task Changes_are_told_since_a_bookmark_and_between_two_points()
    {
        await _control.Snapshots.StartAsync("web", "first");
        await WriteAsync(1 << 20);
        await _control.Snapshots.StartAsync("web", "second");
        await WriteAsync(2 << 20);
        await _control.Snapshots.EndAsync("web", "first", keepChanges: true);

        Assert.Equal([new ChangedRange(1 << 20, 64 << 10)], await _control.Snapshots.CompareAsync("web", "first", "second"));
        Assert.Equal(
            [new ChangedRange(1 << 20, 64 << 10), new ChangedRange(2 << 20, 64 << 10)], await _control.Snapshots.CompareAsync("web", "first"));
    }

    [Fact]
    public async Task A_broken_snapshot_says_why_and_is_no_export()
    {
        await _control.Snapshots.StartAsync("web", "first");
        await WriteAsync(0, DiskSize);

        var broken = _control.Snapshots.Get("web");
        Assert.Equal(PointState.Broken, broken.State);
        Assert.Contains("web@first: the snapshot could not be kept", broken.BreakReason, StringComparison.Ordinal);
        var list = await ExternalTool.Require("nbdinfo").RunAsync("--list", $"nbd+unix://?socket={_folder["nbd.sock"]}");
        Assert.DoesNotContain("web@first", list.Succeeded().Output, StringComparison.Ordinal);
        await _control.Snapshots.EndAsync("web");
        Assert.Empty(_control.Snapshots.List());
    }

    [Fact]
    public async Task A_bookmark_whose_changes_are_lost_says_so()
    {
        await _control.Snapshots.StartAsync("web", "first");
        await _control.Snapshots.EndAsync("web", "first", keepChanges: true);
        await _control.Devices.ReleaseAsync("web");
        await File.WriteAllBytesAsync(_folder["disk.img"], new byte[DiskSize]);

        await _control.Devices.AttachAsync(_options);

        var lost = Assert.Single(_control.Snapshots.ListBookmarks());
        Assert.Equal(PointState.ChangesLost, lost.State);
        Assert.Contains("what has changed since 'first' is no longer known", lost.BreakReason, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<EngineException>(() => _control.Snapshots.CompareAsync("web", "first"));
        Assert.Equal(EngineError.ChangesLost, error.Reason);
    }

    [Fact]
    public async Task A_rollback_gives_back_what_the_snapshot_has_and_tells_how_much()
    {
        await _control.Snapshots.StartAsync("web", "first");
        await WriteAsync(1 << 20, 65536);
        await _control.Snapshots.StartAsync("web", "second");
        var told = new List<long>();

        var report = await _control.Snapshots.RollBackAsync("web", "first", progress: new Collected<long>(told));

        Assert.Equal(("web", "first", 65536L), (report.Device, report.Snapshot, report.BytesWritten));
        Assert.Empty(report.NotRestored);
        Assert.Equal(65536, told[^1]);
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder["disk.img"]));
        Assert.Equal(["first", "second"], _control.Snapshots.List().Select(snapshot => snapshot.Name));
        Assert.Null(_control.Devices.Get("web").IncompleteRollback);
    }

    [Fact]
    public async Task A_bookmark_is_no_snapshot_to_go_back_to()
    {
        await _control.Snapshots.StartAsync("web", "first");
        await _control.Snapshots.EndAsync("web", "first", keepChanges: true);

        var error = await Assert.ThrowsAsync<EngineException>(() => _control.Snapshots.RollBackAsync("web", "first"));
        Assert.Equal(EngineError.SnapshotNotStarted, error.Reason);
        Assert.Equal(EngineError.SnapshotNotStarted, Assert.Throws<EngineException>(() => _control.Snapshots.GetSnapshot("web", "first")).Reason);
    }

    [Fact]
    public async Task Snapshots_of_a_group_have_its_id_and_come_in_the_order_of_the_devices()
    {
        await AttachOtherAsync();

        var snapshots = await _control.Snapshots.StartGroupAsync(["web", "other"], "nightly");

        Assert.Equal(["web", "other"], snapshots.Select(snapshot => snapshot.Device));
        Assert.NotNull(snapshots[0].Group);
        Assert.Equal(snapshots[0].Group, snapshots[1].Group);
        Assert.Null((await _control.Snapshots.StartAsync("web", "alone")).Group);
    }

    [Fact]
    public async Task A_group_with_a_device_that_is_not_there_starts_nothing()
    {
        await AttachOtherAsync();
        var error = await Assert.ThrowsAsync<EngineException>(() => _control.Snapshots.StartGroupAsync(["web", "other", "gone"], "nightly"));
        Assert.Equal(EngineError.DeviceNotFound, error.Reason);
        Assert.Empty(_control.Snapshots.List());
    }

    private async Task AttachOtherAsync()
    {
        await File.WriteAllBytesAsync(_folder["other.img"], _content);
        await _control.Devices.AttachAsync(_options with
        {
            Name = "other",
            Source = _folder["other.img"],
            Logs = [new LogOptions { Path = _folder["other.log"], Size = 1 << 20 }],
        });
    }

    private async Task WriteAsync(long offset, int length = 1)
    {
        var origin = _control.Devices.OpenOrigin("web");
        await using (origin)
            await origin.WriteAsync(offset, new byte[length]);
    }

    /// <summary>Collects reports at once, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Collected<T>(List<T> reports) : IProgress<T>
    {
        public void Report(T value) => reports.Add(value);
    }
}
