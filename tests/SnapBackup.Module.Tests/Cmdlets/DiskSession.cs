using SnapBackup.Module.Tests.Hosting;

namespace SnapBackup.Module.Tests.Cmdlets;

/// <summary>A session with a state folder, a store and a disk of random bytes, all of which are gone when it is disposed.</summary>
internal sealed class DiskSession : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ModuleSession _session;

    public DiskSession(int diskSize = 2 << 20)
    {
        Environment.SetEnvironmentVariable(StateFolderCollection.Variable, _folder["state"]);
        Directory.CreateDirectory(Store);
        Content = new byte[diskSize];
        new Random(7).NextBytes(Content);
        File.WriteAllBytes(Disk, Content);
        _session = new ModuleSession();
    }

    public ModuleSession Session => _session;

    public string Disk => _folder["disk.img"];

    public string Log => _folder["disk.log"];

    public string Store => _folder["store"];

    /// <summary>What the disk held at first.</summary>
    public byte[] Content { get; }

    /// <summary>What a script needs to set the disk up as <c>db</c>.</summary>
    public string DeviceArguments => $"-Source '{Disk}' -Log '{Log}' -LogSize 8MB -Name db";

    public string PathOf(string name) => _folder[name];

    /// <summary>Runs a script; each of its results as text.</summary>
    public IEnumerable<string> Invoke(string script) => _session.Invoke(script).Select(output => $"{output}");

    /// <summary>Runs a script and presses Ctrl-C at its first progress report.</summary>
    public async Task StopAtFirstProgressAsync(string script)
    {
        using var shell = _session.Script(script);
        var reported = new TaskCompletionSource();
        shell.Streams.Progress.DataAdded += (_, _) => reported.TrySetResult();
        var running = Task.Run(() => shell.Invoke(), CancellationToken.None);
        await Task.WhenAny(reported.Task, running);
        shell.Stop();
        await Record.ExceptionAsync(() => running);
        Assert.Equal(System.Management.Automation.PSInvocationState.Stopped, shell.InvocationStateInfo.State);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
        Environment.SetEnvironmentVariable(StateFolderCollection.Variable, null);
    }
}
