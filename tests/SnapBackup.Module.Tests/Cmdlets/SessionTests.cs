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
    public void Closing_a_session_lets_go_what_it_has_attached()
    {
        string socket;
        using (var second = new ModuleSession())
        {
            socket = SocketOf(second);
            Assert.True(File.Exists(socket));
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
        _first.Invoke("Start-Snapshot db -Name kept");
        File.WriteAllText(result, socket);
        Environment.Exit(0);
    }

    [Fact]
    public async Task A_process_that_exits_lets_go_what_its_sessions_have_attached_and_keeps_their_snapshots()
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
        var disk = Directory.GetFiles(_first.Store, Path.GetFileName(_first.Disk), SearchOption.AllDirectories).Single();
        var log = Directory.GetFiles(_first.Store, Path.GetFileName(_first.Log), SearchOption.AllDirectories).Single();
        Assert.Equal(["kept Active"], _first.Invoke($"New-SnapDevice '{disk}' '{log}' | Get-Snapshot | ForEach-Object {{ \"$($_.Name) $($_.State)\" }}"));
    }

    [Fact]
    public async Task A_snapshot_that_outlives_its_session_is_exact_in_the_next_and_changes_since_are_known()
    {
        var zeros = _first.PathOf("zeros.img");
        await File.WriteAllBytesAsync(zeros, new byte[_first.Content.Length], TestContext.Current.CancellationToken);
        using (var second = new ModuleSession())
        {
            var origin = $"{second.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Uri")[0]}";
            second.Invoke("Start-Snapshot db kept");
            (await ExternalTool.Require("nbdcopy").RunAsync(zeros, origin)).Succeeded();
        }

        var length = $"{_first.Content.Length}";
        Assert.Equal(["kept"], _first.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Snapshots"));
        Assert.Equal(["Active", length], _first.Invoke("$kept = Get-Snapshot db; $kept.State, $kept.PreservedBytes"));
        Assert.Equal([length], _first.Invoke("Get-Snapshot | Compare-Snapshot | ForEach-Object { $sum = 0 } { $sum += $_.Length } { $sum }"));
        var restored = _first.PathOf("restored.img");
        _first.Invoke($"Get-Snapshot | New-SnapArchive -Store '{_first.Store}' | Restore-SnapArchive -Target '{restored}' -Confirm:$false");
        Assert.Equal(_first.Content, await File.ReadAllBytesAsync(restored, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Before_snapshots_are_lost_with_their_device_it_asks()
    {
        _first.Invoke($"New-SnapDevice {_first.DeviceArguments} | Start-Snapshot -Name kept");
        var host = _first.Session.Host;

        host.Answers.Enqueue("No");
        Assert.Equal(["kept"], _first.Invoke("Remove-SnapDevice db; (Get-SnapDevice).Snapshots"));
        Assert.Contains("The device db keeps kept. Tearing it down ends these snapshots and bookmarks", $"{host.Screen}", StringComparison.Ordinal);
        host.Answers.Enqueue("Yes");
        Assert.Empty(_first.Invoke("Remove-SnapDevice db; Get-SnapDevice"));
        Assert.Empty(_first.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Snapshots"));

        _first.Invoke("Remove-SnapDevice db"); // without a question
        Assert.Empty(_first.Invoke("Get-SnapDevice"));
    }

    [Fact]
    public void Before_snapshots_are_lost_with_the_content_of_logs_it_asks()
    {
        _first.Invoke($"$null = New-SnapDevice {_first.DeviceArguments} | Start-Snapshot -Name kept; Remove-SnapDevice db -KeepSnapshot");
        var host = _first.Session.Host;
        var script = $"New-SnapDevice {_first.DeviceArguments} -DiscardLogContent | ForEach-Object Name";

        host.Answers.Enqueue("No");
        Assert.Empty(_first.Invoke($"{script}; Get-SnapDevice"));
        Assert.Contains($"{_first.Log} keeps kept. With the content of the logs it is lost. Discard it?", $"{host.Screen}", StringComparison.Ordinal);
        Assert.Equal(["kept"], _first.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Snapshots; Remove-SnapDevice db -KeepSnapshot"));
        host.Answers.Enqueue("Yes");
        Assert.Equal(["db"], _first.Invoke(script));
        Assert.Empty(_first.Invoke("Get-Snapshot; Remove-SnapDevice db"));
        Assert.Equal(["db"], _first.Invoke(script)); // nothing is lost: without a question
    }

    [Fact]
    public void Before_something_else_than_a_log_is_lost_it_asks()
    {
        var image = Enumerable.Repeat((byte)7, 8 << 20).ToArray();
        File.WriteAllBytes(_first.Log, image);
        var host = _first.Session.Host;
        host.Answers.Enqueue("No");
        Assert.Empty(_first.Invoke($"New-SnapDevice {_first.DeviceArguments} -DiscardLogContent; Get-SnapDevice"));
        Assert.Contains($"{_first.Log} is no log but something else, of 8 MiB.", $"{host.Screen}", StringComparison.Ordinal);
        Assert.Equal(image, File.ReadAllBytes(_first.Log));
    }

    [Fact]
    public void WhatIf_says_what_would_be_made_found_kept_and_lost()
    {
        var device = _first.DeviceArguments;
        Assert.Contains($"Set up the snap device db; create {_first.Log}\" on target \"{_first.Disk}\"", WhatIf($"New-SnapDevice {device}"), StringComparison.Ordinal);
        _first.Invoke($"New-SnapDevice {device} | Start-Snapshot -Name kept");
        Assert.Contains("End the snapshot, and keep no bookmark\" on target \"db@kept\"", WhatIf("Stop-Snapshot db"), StringComparison.Ordinal);
        Assert.Contains("End the snapshot and keep a bookmark, since which changes are known", WhatIf("Stop-Snapshot db -KeepChanges"), StringComparison.Ordinal);
        Assert.Contains("Tear the snap device down and end its snapshots and bookmarks: kept", WhatIf("Remove-SnapDevice db"), StringComparison.Ordinal);
        _first.Invoke("Remove-SnapDevice db -KeepSnapshot");
        Assert.Contains("Attach the snap device db again, which keeps kept", WhatIf($"New-SnapDevice {device}"), StringComparison.Ordinal);
        Assert.Contains($"Set up the snap device db; discard the content of {_first.Log} and lose kept", WhatIf($"New-SnapDevice {device} -DiscardLogContent"), StringComparison.Ordinal);
        Assert.Equal(["kept"], _first.Invoke($"(New-SnapDevice {device}).Snapshots"));
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
            ["EngineError.DeviceInUse,SnapBackup.PowerShell.RemoveSnapDeviceCommand", "True"],
            _first.Invoke("try { Remove-SnapDevice db } catch { $_.FullyQualifiedErrorId; \"$_\".EndsWith('-Force does it all the same.') }"));
        Assert.Equal(["db"], _first.Invoke("(Get-SnapDevice).Name"));
        Assert.Empty(_first.Invoke("Remove-SnapDevice db -Force; Get-SnapDevice"));
    }

    private string WhatIf(string script) => _first.Session.Render($"{script} -WhatIf").ReplaceLineEndings("");

    /// <summary>Where a new device of a session is served.</summary>
    private string SocketOf(ModuleSession session) =>
        $"{session.Invoke($"(New-SnapDevice {_first.DeviceArguments}).Uri -replace '^.*socket='")[0]}";
}
