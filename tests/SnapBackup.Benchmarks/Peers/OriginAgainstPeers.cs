using SnapBackup.Benchmarks.Reporting;

namespace SnapBackup.Benchmarks.Peers;

/// <summary>The origin of a device without a snapshot, against servers of plain files.</summary>
internal sealed class OriginAgainstPeers(Medium medium) : ICase
{
    private const int Rounds = 9;
    private const long Size = 256L << 20;
    private const string Export = "disk";
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1);

    /// <summary>The jobs with the ratios asked for, to nbdkit and to QEMU; null where none is.</summary>
    private static readonly (FioJob Job, double Nbdkit, double? Qemu)[] Jobs =
    [
        (Job("4 KiB random read, queue 32", "randread", 4096, 32), 1.3, 1.5),
        (Job("4 KiB random write, queue 32", "randwrite", 4096, 32), 1.1, 1.5),
        (Job("4 KiB random read, queue 1", "randread", 4096, 1), 1.0, null),
        (Job("4 KiB random write, queue 1", "randwrite", 4096, 1), 1.0, null),
        (Job("1 MiB read, queue 4", "read", 1 << 20, 4), 1.0, 1.5),
        (Job("1 MiB write, queue 4", "write", 1 << 20, 4), 1.0, 1.5),
    ];

    private static readonly (string Program, Func<string, WorkFolder, Task<ServerProcess>> StartAsync)[] Peers =
    [
        (NbdkitServer.Program, NbdkitServer.StartAsync), (QemuServer.Program, QemuServer.StartAsync),
    ];

    public string Name => $"origin on {medium.Name}";

    public async IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder)
    {
        using var files = medium.MakeFolder(folder);
        await using var ours = await SnapBackupServer.StartAsync(Image.Make(files, "ours", Size), files["log"], 64 << 20, files);
        var theirs = new Dictionary<string, ServerProcess>(StringComparer.Ordinal);
        try
        {
            foreach (var (program, startAsync) in Peers.Where(peer => Tool.IsInstalled(peer.Program)))
                theirs.Add(program, await startAsync(Image.Make(files, program, Size), files));
            foreach (var (job, nbdkit, qemu) in Jobs)
            {
                await foreach (var result in CompareAsync(job, ours, theirs, [nbdkit, qemu], files))
                    yield return result;
            }
        }
        finally
        {
            foreach (var server in theirs.Values)
                await server.DisposeAsync();
        }
    }

    private async IAsyncEnumerable<CaseResult> CompareAsync(
        FioJob job, ServerProcess ours, Dictionary<string, ServerProcess> theirs, double?[] goals, WorkFolder folder)
    {
        ServerProcess[] servers = [ours, .. theirs.Values];
        var figures = new double[Rounds, servers.Length];
        for (var round = 0; round < Rounds; round++)
        {
            for (var turn = 0; turn < servers.Length; turn++)
            {
                var server = (turn + round) % servers.Length;
                await Tool.RunAsync("sync", ["--file-system", folder.Path]); // nobody pays for what another left dirty
                figures[round, server] = await Fio.RunAsync(job, servers[server].UriOf(Export), folder, round);
            }
        }

        foreach (var (peer, goal) in Peers.Select(peer => peer.Program).Zip(goals))
        {
            if (goal is not { } asked)
                continue;
            var at = 1 + theirs.Keys.ToList().IndexOf(peer);
            yield return at == 0
                ? CaseResult.Missing(Title(job), peer, job.Unit, "higher", asked)
                : CaseResult.OfRounds(
                    Title(job), peer, job.Unit, [.. Enumerable.Range(0, Rounds).Select(round => (figures[round, 0], figures[round, at]))], "higher", asked);
        }
    }

    private static FioJob Job(string name, string pattern, int block, int depth) => new(name, pattern, block, depth) { Size = Size, Duration = Duration };

    private string Title(FioJob job) => $"origin, {medium.Name}: {job.Name}";
}
