using System.Diagnostics;
using System.Globalization;

namespace SnapBackup.Service.Tests;

/// <summary>The daemon as a child of systemd, which a shell of that name plays: the parent's name is what the host goes by.</summary>
public sealed class SystemdTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Systemd_is_told_when_the_daemon_is_ready_and_when_it_stops()
    {
        using var notices = new NotifySocket(_temp["notify.sock"]);
        using var systemd = StartUnderSystemd(notices);
        try
        {
            var daemon = int.Parse((await systemd.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            Assert.Equal("READY=1", await notices.ReceiveAsync());
            (await ExternalTool.Require("sh").RunAsync("-c", $"kill -TERM {daemon}")).Succeeded();
            Assert.Equal("STOPPING=1", await notices.ReceiveAsync());
            await systemd.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, systemd.ExitCode);
        }
        finally
        {
            if (!systemd.HasExited)
                systemd.Kill(entireProcessTree: true);
            await systemd.WaitForExitAsync(CancellationToken.None);
        }
    }

    private Process StartUnderSystemd(NotifySocket notices)
    {
        const string Script = """ "$0" --state "$1" >/dev/null & echo $!; wait $! """;
        File.Copy("/bin/sh", _temp["systemd"]);
        var start = new ProcessStartInfo(_temp["systemd"], ["-c", Script, Daemon.Program, _temp["state"]])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment["NOTIFY_SOCKET"] = notices.Path;
        return Process.Start(start)!;
    }
}
