using System.Globalization;

namespace SnapBackup.Benchmarks.Peers;

/// <summary>A snap device of ours, named <c>disk</c>, served by a process of its own.</summary>
internal sealed class SnapBackupServer : ServerProcess
{
    private SnapBackupServer(string socket, IEnumerable<string> arguments)
        : base(Environment.ProcessPath!, socket, arguments)
    {
    }

    /// <summary>Serves a file.</summary>
    /// <param name="image">The file.</param>
    /// <param name="log">A log to be made, or one of a device of this file.</param>
    /// <param name="logSize">Its size in bytes.</param>
    /// <param name="folder">For the socket.</param>
    public static async Task<SnapBackupServer> StartAsync(string image, string log, long logSize, WorkFolder folder)
    {
        var socket = folder["snapbackup.sock"];
        var server = new SnapBackupServer(socket, [Arguments.Serve, socket, image, log, logSize.ToString(CultureInfo.InvariantCulture)]);
        await server.WaitUntilReadyAsync();
        return server;
    }

    public Task StartSnapshotAsync(string name) => AskAsync($"{ServeCommand.Start} {name}");

    public Task EndSnapshotAsync(string name) => AskAsync($"{ServeCommand.End} {name}");

    /// <summary>Lets the device go in good order.</summary>
    public override async ValueTask DisposeAsync()
    {
        Process.StandardInput.Close();
        await Process.WaitForExitAsync();
        await base.DisposeAsync();
    }

    private async Task AskAsync(string command)
    {
        await Process.StandardInput.WriteLineAsync(command);
        await Process.StandardInput.FlushAsync();
        if (await Process.StandardOutput.ReadLineAsync() is not ServeCommand.Done)
            throw new InvalidOperationException($"'{command}' failed; see what the process printed.");
    }
}
