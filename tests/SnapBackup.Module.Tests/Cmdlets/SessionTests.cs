using System.Diagnostics;
using SnapBackup.Module.Tests.Hosting;

namespace SnapBackup.Module.Tests.Cmdlets;

/// <summary>What belongs to a session: devices that nobody else sees, and that go with it.</summary>
[Collection(StateFolderCollection.Name)]
public sealed class SessionTests : IDisposable
{
    private const string ExitVariable = "SNAPBACKUP_TEST_EXIT";

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
            socket = SocketOf(second);
            Assert.True(File.Exists(socket));
            second.Invoke("Start-Snapshot db");
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(socket)));
        Assert.Equal(["db"], _first.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Name"));
    }

    [Fact]
    public void A_device_is_served_while_its_session_is_open()
    {
        var socket = SocketOf(_first.Session);
        Assert.True(File.Exists(socket));
        if (Environment.GetEnvironmentVariable(ExitVariable) is not { } result)
            return;
        // The child of the next test: it exits here, with the session open.
        File.WriteAllText(result, socket);
        Environment.Exit(0);
    }

    [Fact]
    public async Task A_process_that_exits_takes_down_what_its_sessions_have_set_up()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["--filter-method", $"*.{nameof(A_device_is_served_while_its_session_is_open)}"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[ExitVariable] = _first.PathOf("socket");
        start.Environment["TMPDIR"] = _first.Store; // where the child leaves its files
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        var socket = await File.ReadAllTextAsync(_first.PathOf("socket"), TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(Path.GetDirectoryName(socket)));
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

    [Fact]
    public void A_device_that_a_client_has_open_is_removed_only_by_force()
    {
        var origin = Assert.Single(_first.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Uri"));
        using var client = NbdClient.Attach(origin);
        Assert.Equal(["1"], _first.Invoke("(Get-SnapDevice db).OpenCount"));
        Assert.Equal(
            ["EngineError.DeviceInUse,SnapBackup.PowerShell.RemoveSnapDeviceCommand"],
            _first.Invoke("try { Remove-SnapDevice db } catch { $_.FullyQualifiedErrorId }"));
        Assert.Equal(["db"], _first.Invoke("(Get-SnapDevice).Name"));
        Assert.Empty(_first.Invoke("Remove-SnapDevice db -Force; Get-SnapDevice"));
    }

    /// <summary>Where a new device of a session is served.</summary>
    private string SocketOf(ModuleSession session) =>
        $"{session.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Uri -replace '^.*socket='")[0]}";
}
