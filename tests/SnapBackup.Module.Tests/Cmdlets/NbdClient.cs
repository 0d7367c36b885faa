using System.Diagnostics;

namespace SnapBackup.Module.Tests.Cmdlets;

/// <summary>Another process that has a device open until this is disposed.</summary>
internal sealed class NbdClient : IDisposable
{
    private readonly Process _process;

    private NbdClient(Process process) => _process = process;

    /// <summary>Connects; the device is open when this returns.</summary>
    public static NbdClient Attach(string uri)
    {
        ExternalTool.Require("nbdsh");
        // nbdsh takes the first python3 of the path; its module belongs to the system's.
        var client = new NbdClient(ExternalTool.Require("env").Start(
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "nbdsh", "-u", uri, "-c", "print('open', flush=True); import signal; signal.pause()"));
        if (client._process.StandardOutput.ReadLine() == "open")
            return client;
        using (client)
            throw new InvalidOperationException(client._process.StandardError.ReadToEnd());
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
