using SnapBackup.Module.Tests.Hosting;

namespace SnapBackup.Module.Tests.Cmdlets;

/// <summary>What belongs to a session: devices that nobody else sees, and that go with it.</summary>
[Collection(StateFolderCollection.Name)]
public sealed class SessionTests : IDisposable
{
    private readonly DiskSession _first = new();

    public void Dispose() => _first.Dispose();

    [Fact]
    public void A_session_does_not_see_the_devices_of_another_and_cannot_take_their_disks()
    {
        _first.Invoke($"New-SnapDevice {_first.DeviceArguments}");
        using var second = new ModuleSession();
        Assert.Empty(second.Invoke("Get-SnapDevice"));
        Assert.Equal(
            ["BlockDeviceError.Busy,SnapBackup.PowerShell.NewSnapDeviceCommand"],
            second.Invoke($"try {{ New-SnapDevice {_first.DeviceArguments} }} catch {{ $_.FullyQualifiedErrorId }}"));
    }

    [Fact]
    public void Closing_a_session_takes_down_what_it_has_set_up()
    {
        string socket;
        using (var second = new ModuleSession())
        {
            socket = $"{second.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Uri -replace '^.*socket='")[0]}";
            Assert.True(File.Exists(socket));
            second.Invoke("Start-Snapshot db");
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(socket)));
        Assert.Equal(["db"], _first.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Name"));
    }

    [Fact]
    public async Task What_a_client_writes_through_the_origin_does_not_get_into_the_archive_of_the_snapshot()
    {
        var nbdcopy = ExternalTool.Require("nbdcopy");
        var other = _first.PathOf("other.img");
        await File.WriteAllBytesAsync(other, new byte[_first.Content.Length], TestContext.Current.CancellationToken);
        var origin = Assert.Single(_first.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Uri"));
        _first.Invoke("Start-Snapshot db");
        (await nbdcopy.RunAsync(other, origin)).Succeeded();
        Assert.Equal(new byte[_first.Content.Length], await File.ReadAllBytesAsync(_first.Disk, TestContext.Current.CancellationToken));
        Assert.Equal([$"{_first.Content.Length}"], _first.Invoke("(Get-Snapshot).PreservedBytes"));

        var restored = _first.PathOf("restored.img");
        _first.Invoke($"New-SnapArchive db '{_first.Store}' | Restore-SnapArchive -Target '{restored}' -Confirm:$false");
        Assert.Equal(_first.Content, await File.ReadAllBytesAsync(restored, TestContext.Current.CancellationToken));
    }
}
