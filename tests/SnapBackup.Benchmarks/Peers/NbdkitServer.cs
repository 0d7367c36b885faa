namespace SnapBackup.Benchmarks.Peers;

/// <summary>nbdkit with its file plugin: the quickest way known to serve a file.</summary>
internal sealed class NbdkitServer : ServerProcess
{
    public const string Program = "nbdkit";

    private NbdkitServer(string image, string socket)
        : base(Program, socket, ["--foreground", "--unix", socket, "file", image])
    {
    }

    public static async Task<ServerProcess> StartAsync(string image, WorkFolder folder)
    {
        var server = new NbdkitServer(image, folder["nbdkit.sock"]);
        await server.WaitUntilReadyAsync();
        return server;
    }
}
