using SnapBackup.Benchmarks.Reporting;

namespace SnapBackup.Benchmarks.Peers;

/// <summary>
/// A disk under a snapshot: ours is durable, with a flush before each first overwrite; QEMU's is gone with its process. QEMU is given a target that was
/// written before; our log is one that an ended snapshot has used.
/// </summary>
internal sealed class SnapshotAgainstQemu(Medium medium) : ICase
{
    private const int Rounds = 7;
    private const long Random = 128L << 20;
    private const long Size = 512L << 20;
    private const long LogSize = Size + (512L << 20);

    /// <summary>In this order in each round: what is overwritten a second time must have been once.</summary>
    private static readonly (FioJob Job, string Ours, string Theirs, double Goal)[] Jobs =
    [
        (new FioJob("first touch, 4 KiB random, queue 32", "randwrite", 4096, 32) { Size = Random }, "disk", "disk", 2.5),
        (new FioJob("rewrite, 4 KiB random, queue 32", "randwrite", 4096, 32) { Size = Random }, "disk", "disk", 2),
        (new FioJob("first touch, 1 MiB, queue 4", "write", 1 << 20, 4) { Offset = Random, Size = Size - Random }, "disk", "disk", 1.5),
        (new FioJob("read of the snapshot, 1 MiB, queue 4", "read", 1 << 20, 4) { Size = Size }, "disk@s", "snapshot", 1.5),
    ];

    public string Name => $"snapshot on {medium.Name}";

    public async IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder)
    {
        if (!Tool.IsInstalled(QemuServer.Program))
        {
            foreach (var (job, _, _, goal) in Jobs)
                yield return CaseResult.Missing(Title(job), QemuServer.Program, job.Unit, "higher", goal);
            yield break;
        }

        using var files = medium.MakeFolder(folder);
        var (ourImage, theirImage) = (Image.Make(files, "ours", Size), Image.Make(files, "theirs", Size));
        var target = Image.Make(files, "target", Size);
        await using var ours = await SnapBackupServer.StartAsync(ourImage, files["log"], LogSize, files);
        await RunOursAsync(ours, files, 0);
        var figures = new List<(double[] Ours, double[] Theirs)>();
        for (var round = 1; round <= Rounds; round++)
        {
            var first = round % 2 == 0 ? await RunOursAsync(ours, files, round) : await RunTheirsAsync(theirImage, target, files, round);
            var second = round % 2 == 0 ? await RunTheirsAsync(theirImage, target, files, round) : await RunOursAsync(ours, files, round);
            figures.Add(round % 2 == 0 ? (first, second) : (second, first));
        }

        for (var at = 0; at < Jobs.Length; at++)
        {
            var (job, _, _, goal) = Jobs[at];
            yield return CaseResult.OfRounds(
                Title(job), QemuServer.Program, job.Unit, [.. figures.Select(round => (round.Ours[at], round.Theirs[at]))], "higher", goal);
        }
    }

    private static async Task<double[]> RunOursAsync(SnapBackupServer server, WorkFolder folder, int seed)
    {
        await server.StartSnapshotAsync("s");
        var figures = new double[Jobs.Length];
        for (var at = 0; at < Jobs.Length; at++)
            figures[at] = await MeasureAsync(Jobs[at].Job, server.UriOf(Jobs[at].Ours), folder, seed);
        await server.EndSnapshotAsync("s");
        return figures;
    }

    private static async Task<double[]> RunTheirsAsync(string image, string target, WorkFolder folder, int seed)
    {
        await using var server = await QemuServer.StartSnapshotAsync(image, target, folder);
        var figures = new double[Jobs.Length];
        for (var at = 0; at < Jobs.Length; at++)
            figures[at] = await MeasureAsync(Jobs[at].Job, server.UriOf(Jobs[at].Theirs), folder, seed);
        return figures;
    }

    private static async Task<double> MeasureAsync(FioJob job, string uri, WorkFolder folder, int seed)
    {
        await Tool.RunAsync("sync", ["--file-system", folder.Path]); // nobody pays for what another left dirty
        return await Fio.RunAsync(job, uri, folder, seed);
    }

    private string Title(FioJob job) => $"snapshot, {medium.Name}: {job.Name}";
}
