using SnapBackup.Module.Tests.Hosting;

namespace SnapBackup.Module.Tests.Cmdlets;

/// <summary>Ctrl-C in the middle of the cmdlets that take long.</summary>
[Collection(StateFolderCollection.Name)]
public sealed class StoppingTests : IDisposable
{
    /// <summary>At the level used, this takes many times longer to compress than a stop takes to arrive.</summary>
    private const int DiskSize = 128 << 20;

    private readonly DiskSession _session = new(DiskSize);

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Stopping_New_SnapArchive_leaves_no_archive_and_the_snapshot_as_it_was()
    {
        _session.Invoke($"New-SnapDevice {_session.DeviceArguments} | Start-Snapshot -Name frozen");
        await _session.StopAtFirstProgressAsync($"New-SnapArchive db '{_session.Store}' -CompressionLevel 12");
        Assert.Empty(Directory.GetFileSystemEntries(_session.Store));
        Assert.Equal(["frozen Active 0"], _session.Invoke("Get-Snapshot | ForEach-Object { \"$($_.Name) $($_.State) $($_.OpenCount)\" }"));
    }

    [Fact]
    public async Task Stopping_Restore_Snapshot_while_it_writes_leaves_a_disk_that_is_rolled_back_whole()
    {
        var uri = Assert.Single(_session.Invoke(
            $"$device = New-SnapDevice {_session.DeviceArguments.Replace("8MB", "192MB", StringComparison.Ordinal)}; $null = Start-Snapshot db frozen; $device.Uri"));
        (await ExternalTool.Require("qemu-io").RunAsync("-f", "raw", "-c", $"write -P 7 0 {DiskSize}", uri)).Succeeded();
        _session.Invoke("do { } until ((Get-SnapDevice db).OpenCount -eq 0)");
        await _session.StopAtFirstProgressAsync("Restore-Snapshot db frozen -Confirm:$false");
        Assert.Equal(_session.Content, await File.ReadAllBytesAsync(_session.Disk, TestContext.Current.CancellationToken));
        Assert.Equal(["Active"], _session.Invoke("if ($null -eq (Get-SnapDevice db).IncompleteRollback) { (Get-Snapshot db).State }"));
    }

    [Fact]
    public async Task Stopping_Invoke_SnapBackup_cancels_the_run_and_takes_down_what_it_has_set_up()
    {
        _session.Invoke($"Register-SnapBackupJob {_session.DeviceArguments} -Store '{_session.Store}'");
        await _session.StopAtFirstProgressAsync("Invoke-SnapBackup db");
        Assert.Empty(Directory.GetFileSystemEntries(_session.Store));
        Assert.False(File.Exists(_session.Log));
        Assert.Empty(_session.Invoke("Get-SnapDevice"));
        Assert.Equal(["Cancelled"], _session.Invoke("(Get-SnapBackupRun).Outcome"));
        Assert.Equal(["db"], _session.Invoke($"(New-SnapDevice {_session.DeviceArguments}).Name"));
    }

    [Fact]
    public async Task Stopping_the_nightly_backup_takes_down_what_it_has_set_up()
    {
        var script = Repository.PathOf("examples", "runbooks", "NightlyBackup.ps1");
        var folder = Path.GetDirectoryName(_session.Log);
        await _session.StopAtFirstProgressAsync(
            $"& '{script}' -Source '{_session.Disk}' -Store '{_session.Store}' -LogFolder '{folder}' -LogSize 8MB -Name disk");
        Assert.Empty(_session.Invoke("Get-SnapDevice"));
        Assert.False(File.Exists(_session.Log));
        Assert.Empty(Directory.GetFileSystemEntries(_session.Store));
    }
}
