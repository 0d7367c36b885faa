using System.Globalization;
using SnapBackup.Module.Tests.Cmdlets;
using SnapBackup.Module.Tests.Hosting;

namespace SnapBackup.Module.Tests;

/// <summary>Objects as a user sees them.</summary>
[Collection(StateFolderCollection.Name)]
public sealed class ModuleViewTests : IDisposable
{
    private readonly DiskSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Objects_of_others_are_shown_without_colours() =>
        Assert.Equal(["Name  Blocks", "----  ------", "snap0     12"], Lines("[pscustomobject]@{ Name = 'snap0'; Blocks = 12 }"));

    [Fact]
    public void Devices_and_snapshots_are_tables_with_sizes_for_people()
    {
        _session.Invoke($"New-SnapDevice {_session.DeviceArguments} | Start-Snapshot -Name frozen; Start-Snapshot db -Name next");
        var devices = Lines("Get-SnapDevice");
        Assert.Equal(["Name", "Size", "Snapshots", "Open", "Log", "used", "Full", "in", "Source", "and", "Uri"], Words(devices[0]));
        Assert.Equal(["db", "2", "MiB", "frozen,", "next", "0"], Words(devices[2])[..6]);
        var snapshots = Lines("Get-Snapshot");
        Assert.Equal(["Device", "Name", "State", "Started", "Preserved", "Open", "Uri", "or", "BreakReason"], Words(snapshots[0]));
        var started = _session.Invoke("(Get-Snapshot db frozen).Started.ToLocalTime().ToString('yyyy-MM-dd HH:mm:ss')").Single()!.ToString()!.Split(' ');
        Assert.Equal(["db", "frozen", "Active", .. started, "0", "B", "0"], Words(snapshots[2])[..8]);
    }

    [Fact]
    public void Uris_stand_in_the_tables_whole_and_the_longest_sizes_too()
    {
        var device = _session.Invoke($"(New-SnapDevice {_session.DeviceArguments}).Uri; (Start-Snapshot db frozen).Uri").ToList();
        Assert.Contains(device[0], LastColumn("Get-SnapDevice", "Source and Uri"), StringComparison.Ordinal);
        Assert.Contains(device[1], LastColumn("Get-Snapshot", "Uri or BreakReason"), StringComparison.Ordinal);
        var longest = Lines(
            "[pscustomobject]@{ PSTypeName = 'SnapBackup.Control.Devices.SnapDeviceInfo'; Name = 'db'; "
            + "Statistics = [pscustomobject]@{ LogUsed = [long](1023.99 * 1MB); LogCapacity = [long](1023.99 * 1MB) } }");
        Assert.Contains("1023.99 MiB of 1023.99 MiB", longest[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Mounted_snapshots_are_a_table_and_attached_origins_stand_under_their_uris()
    {
        var mounts = Lines(
            "[pscustomobject]@{ PSTypeName = 'SnapBackup.Control.Mounts.SnapshotMountInfo'; Device = 'db'; Snapshot = 'monday'; "
            + "FileSystem = 'btrfs'; IsWritable = $false; BlockDevice = '/dev/loop12p3'; Path = '/mnt/monday' }");
        Assert.Equal(["Device", "Snapshot", "Type", "Writable", "BlockDevice", "Path"], Words(mounts[0]));
        Assert.Equal(["db", "monday", "btrfs", "False", "/dev/loop12p3", "/mnt/monday"], Words(mounts[2]));
        var device = Lines(
            "[pscustomobject]@{ PSTypeName = 'SnapBackup.Control.Devices.SnapDeviceInfo'; Name = 'db'; Source = '/disk.img'; Uri = 'nbd:'; BlockDevice = '/dev/loop0' }");
        Assert.Equal(["/disk.img", "nbd:", "/dev/loop0"], device.Skip(2).Select(line => Words(line)[^1]).Take(3));
    }

    [Fact]
    public void Broken_snapshots_are_told_from_good_ones_and_say_why()
    {
        _session.Invoke($"$null = New-SnapDevice {_session.DeviceArguments} | Start-Snapshot -Name frozen; Remove-SnapDevice db -KeepSnapshot");
        File.SetLastWriteTimeUtc(_session.Disk, DateTime.UnixEpoch);
        _session.Invoke($"New-SnapDevice {_session.DeviceArguments} -WarningAction SilentlyContinue; Start-Snapshot db good -WarningAction SilentlyContinue");
        Assert.Contains("frozen (broken),", Lines("Get-SnapDevice -WarningAction SilentlyContinue")[2], StringComparison.Ordinal);
        var snapshots = Lines("Get-Snapshot");
        Assert.Equal(["db", "frozen", "Broken"], Words(snapshots[2])[..3]);
        Assert.Contains("becausethesourcewaswrittenwhileitwasnotattached", LastColumn("Get-Snapshot db frozen", "Uri or BreakReason").Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(snapshots, line => Words(line) is ["db", "good", "Active", ..]);
    }

    [Fact]
    public void Reports_on_devices_and_rollbacks_are_tables()
    {
        _session.Invoke($"New-SnapDevice {_session.DeviceArguments} | Start-Snapshot -Name frozen");
        var reports = Lines("Test-SnapDevice db");
        Assert.Equal(["Device", "Clean", "Findings", "Read", "Records", "Harmed", "snapshots"], Words(reports[0]));
        Assert.Equal(["db", "True", "0"], Words(reports[2])[..3]);
        using (var log = new FileStream(_session.Log, FileMode.Open))
            log.Write(new byte[512]); // the first slot of its superblock
        var findings = Lines("(Test-SnapDevice db).Findings");
        Assert.Equal(["Severity", "Kind", "Snapshots", "Message"], Words(findings[0]));
        Assert.Equal(["Warning", "Superblock"], Words(findings[2])[..2]);
        var rollbacks = Lines("Restore-Snapshot db frozen -Confirm:$false");
        Assert.Equal(["Device", "Snapshot", "Written", "Not", "restored"], Words(rollbacks[0]));
        Assert.Equal(["db", "frozen", "0", "B", "0", "B"], Words(rollbacks[2]));
    }

    [Fact]
    public void Archives_and_reports_on_them_are_tables()
    {
        _session.Invoke($"New-SnapDevice {_session.DeviceArguments} | Start-Snapshot | New-SnapArchive -Store '{_session.Store}'");
        var archives = Lines($"Get-SnapArchive '{_session.Store}'");
        Assert.Equal(["Device", "Time", "Kind", "Size", "Stored", "Name"], Words(archives[0]));
        Assert.Contains("Full", Words(archives[2]));
        var reports = Lines($"Get-SnapArchive '{_session.Store}' | Test-SnapArchive");
        Assert.Equal(["Intact", "Verified", "Damaged", "Path", "Problem"], Words(reports[0]));
        Assert.Equal(["True", "2", "MiB", "0"], Words(reports[2])[..4]);
    }

    [Fact]
    public void Jobs_and_runs_are_tables()
    {
        _session.Invoke($"Register-SnapBackupJob {_session.DeviceArguments} -Store '{_session.Store}' -Cron '30 2 * * *' -Keep 3; Invoke-SnapBackup db");
        var jobs = Lines("Get-SnapBackupJob");
        Assert.Equal(["Name", "Cron", "Next", "run", "Keep", "Source", "Problem"], Words(jobs[0]));
        Assert.Equal(["db", "30", "2", "*", "*", "*"], Words(jobs[2])[..6]);
        var runs = Lines("Get-SnapBackupRun");
        Assert.Equal(["Id", "Job", "Outcome", "Started", "Duration", "Source", "Archive", "Error"], Words(runs[0]));
        Assert.Equal(["1", "db", "Succeeded"], Words(runs[2])[..3]);
        var steps = Lines("(Get-SnapBackupRun).Steps");
        Assert.Equal(["Step", "Outcome", "Started", "Duration", "Error"], Words(steps[0]));
        Assert.Equal(["Retention", "Succeeded"], Words(steps[^1])[..2]);
        Assert.True(DateTime.TryParseExact(Words(runs[2])[3], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _));
    }

    private List<string> Lines(string script) =>
        [.. _session.Session.Render(script).Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];

    /// <summary>What stands in the last column of a table, its lines put together again.</summary>
    private string LastColumn(string script, string header)
    {
        var lines = Lines(script);
        var at = lines[0].IndexOf(header, StringComparison.Ordinal);
        return string.Concat(lines.Skip(2).Select(line => line.Length > at ? line[at..] : ""));
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
