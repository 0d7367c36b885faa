using System.Management.Automation;
using SnapBackup.Module.Tests.Hosting;
using Shell = System.Management.Automation.PowerShell;

namespace SnapBackup.Module.Tests.Cmdlets;

/// <summary>The nightly backup with a user of the disk who does not leave.</summary>
[Collection(StateFolderCollection.Name)]
public sealed class RunbookTests : IDisposable
{
    private readonly DiskSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_disk_in_use_keeps_its_device_and_log_but_no_snapshot_after_the_nightly_backup()
    {
        ExternalTool.Require("nbdsh");
        NbdClient? client = null;
        using var shell = _session.Session.Script(
            $"& '{Repository.PathOf("examples", "runbooks", "NightlyBackup.ps1")}' -Source '{_session.Disk}' -Store '{_session.Store}' "
            + $"-LogFolder '{Path.GetDirectoryName(_session.Log)}' -LogSize 8MB -Name disk");
        // On the script's own thread, while it archives: the disk is in use before the script goes on.
        shell.Streams.Progress.DataAdded += (_, _) => client ??= NbdClient.Attach(OriginOfTheDevice());
        try
        {
            Assert.True(File.Exists($"{Assert.Single(shell.Invoke()).Properties["Path"].Value}"));
            Assert.Empty(shell.Streams.Error);
            var warning = Assert.Single(shell.Streams.Warning).Message;
            Assert.Contains($"The device disk and its log {_session.Log} stay", warning, StringComparison.Ordinal);
            Assert.Contains("1 opener", warning, StringComparison.Ordinal);
            Assert.Equal(["disk"], _session.Invoke("(Get-SnapDevice).Name"));
            Assert.Empty(_session.Invoke("Get-Snapshot"));
            Assert.True(File.Exists(_session.Log));
        }
        finally
        {
            client?.Dispose();
        }
    }

    private static string OriginOfTheDevice()
    {
        using var nested = Shell.Create(RunspaceMode.CurrentRunspace).AddScript("(Get-SnapDevice).Uri");
        return Assert.Single(nested.Invoke<string>());
    }
}
