using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.Control.Tests;

/// <summary>Two devices whose machine died while a snapshot was started on both at once.</summary>
public sealed class UnconfirmedSnapshotTests : IAsyncDisposable
{
    private const int DiskSize = 1 << 20;
    private const int LogSize = 256 << 10;

    private readonly TempFolder _folder = new();
    private readonly SnapBackupControl _control;

    public UnconfirmedSnapshotTests() =>
        _control = new SnapBackupControl(new StateFolder(_folder["state"]), _folder["nbd.sock"], TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_snapshot_of_a_group_is_shown_as_unconfirmed_and_not_served_until_the_other_device_is_attached()
    {
        await CrashAsync();
        await AttachAsync("data");

        var unconfirmed = _control.Snapshots.Get("data");
        Assert.Equal(PointState.Unconfirmed, unconfirmed.State);
        Assert.Contains("data@nightly: a crash came while it was started on several devices", unconfirmed.BreakReason, StringComparison.Ordinal);
        Assert.Equal(["data"], await ListExportsAsync());

        await AttachAsync("journal");
        Assert.All(_control.Snapshots.List(), snapshot => Assert.Equal((PointState.Active, null), (snapshot.State, snapshot.BreakReason)));
        Assert.Equal(["data", "data@nightly", "journal", "journal@nightly"], await ListExportsAsync());
    }

    [Fact]
    public async Task One_that_is_not_wanted_any_more_can_be_ended()
    {
        await CrashAsync();
        await AttachAsync("data");
        await _control.Snapshots.EndAsync("data", "nightly");
        Assert.Empty(_control.Snapshots.List());
    }

    private Task<SnapDeviceInfo> AttachAsync(string name) => _control.Devices.AttachAsync(new SnapDeviceOptions
    {
        Name = name,
        Source = _folder[$"{name}.img"],
        Logs = [new LogOptions { Path = _folder[$"{name}.log"] }],
    });

    /// <summary>Leaves the disks as they were when both devices had stored the snapshot and the first of them was about to confirm it.</summary>
    private async Task CrashAsync()
    {
        string[] files = ["data.img", "data.log", "journal.img", "journal.log"];
        List<MemoryBlockDevice> disks = [.. files.Select(file => new MemoryBlockDevice(file, file.EndsWith(".log", StringComparison.Ordinal) ? LogSize : DiskSize))];
        await using var data = await SnapDevice.SetUpAsync("data", Anonymous(disks[0]), [disks[1]], new DeviceSettings());
        await using var journal = await SnapDevice.SetUpAsync("journal", Anonymous(disks[2]), [disks[3]], new DeviceSettings());
        var crashes = new List<byte[][]>(); // what a crash before each write to a log leaves
        disks[1].Fault = disks[3].Fault = (operation, _, _) =>
        {
            if (operation != "write")
                return;
            lock (crashes)
                crashes.Add([.. disks.Select(disk => disk.Content.ToArray())]);
        };
        await SnapDeviceGroup.StartSnapshotAsync([data, journal], "nightly");
        disks[1].Fault = disks[3].Fault = null;
        var left = crashes[crashes.Count / 2]; // half of the writes store it, the others confirm it
        for (var i = 0; i < files.Length; i++)
            await File.WriteAllBytesAsync(_folder[files[i]], left[i]);
    }

    /// <summary>A source without an identity: the file that takes its place after the crash is not taken for another disk.</summary>
    private static LateBlockDevice Anonymous(MemoryBlockDevice disk) => new(disk);

    private async Task<IEnumerable<string>> ListExportsAsync()
    {
        var list = await ExternalTool.Require("nbdinfo").RunAsync("--list", $"nbd+unix://?socket={_folder["nbd.sock"]}");
        return list.Succeeded().Output.Split('\n').Where(line => line.StartsWith("export=", StringComparison.Ordinal)).Select(line => line.Split('"')[1]);
    }
}
