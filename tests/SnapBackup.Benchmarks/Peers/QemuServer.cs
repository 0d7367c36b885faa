namespace SnapBackup.Benchmarks.Peers;

/// <summary>qemu-storage-daemon, with a file or with a snapshot of it by copy before write, which does not survive the daemon.</summary>
internal sealed class QemuServer : ServerProcess
{
    public const string Program = "qemu-storage-daemon";

    private QemuServer(string socket, IEnumerable<string> arguments)
        : base(Program, socket, arguments)
    {
    }

    /// <summary>Serves a file as the export <c>disk</c>.</summary>
    public static Task<ServerProcess> StartAsync(string image, WorkFolder folder) => StartAsync(
        folder["qemu.sock"],
        ["--blockdev", $"driver=file,node-name=source,filename={image}", .. Export(folder["qemu.sock"], "source")]);

    /// <summary>Serves a file as <c>disk</c>, and what it holds now as <c>snapshot</c>.</summary>
    /// <param name="image">The file.</param>
    /// <param name="target">Where the old content goes: a file as large, which was written before.</param>
    /// <param name="folder">For the socket.</param>
    public static Task<ServerProcess> StartSnapshotAsync(string image, string target, WorkFolder folder) => StartAsync(
        folder["qemu.sock"],
        [
            "--blockdev", $"driver=file,node-name=source,filename={image}",
            "--blockdev", $"driver=file,node-name=target,filename={target}",
            "--blockdev", "driver=copy-before-write,node-name=origin,file=source,target=target",
            "--blockdev", "driver=snapshot-access,node-name=snapshot,file=origin",
            .. Export(folder["qemu.sock"], "origin"),
            "--export", "type=nbd,id=snapshot,node-name=snapshot,name=snapshot",
        ]);

    private static string[] Export(string socket, string node) =>
    [
        "--nbd-server", $"addr.type=unix,addr.path={socket}",
        "--export", $"type=nbd,id=disk,node-name={node},name=disk,writable=on",
    ];

    private static async Task<ServerProcess> StartAsync(string socket, IEnumerable<string> arguments)
    {
        var server = new QemuServer(socket, arguments);
        await server.WaitUntilReadyAsync();
        return server;
    }
}
