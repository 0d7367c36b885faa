using SnapBackup.Benchmarks.Reporting;

namespace SnapBackup.Benchmarks.Peers;

/// <summary>The memory of the process that serves, after ten million requests against after one million.</summary>
internal sealed class MemoryOverRequests : ICase
{
    private const long Size = 256L << 20;
    private const int Block = 4096;
    private const long Million = 1_000_000;

    public string Name => "memory over 10 million requests";

    public async IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder)
    {
        using var files = Medium.Memory.MakeFolder(folder);
        await using var server = await SnapBackupServer.StartAsync(Image.Make(files, "disk", Size), files["log"], 64 << 20, files);
        await RequestAsync(Million);
        var early = server.ResidentBytes;
        await RequestAsync(9 * Million);
        yield return new CaseResult(Name, "after 1 million", "MiB", Mebibytes(server.ResidentBytes), Mebibytes(early), (double)server.ResidentBytes / early, 0, "lower", 1.1);

        Task<double> RequestAsync(long requests) => Fio.RunAsync(
            new FioJob(Name, "randrw", Block, 32) { Size = Size, Bytes = requests * Block }, server.UriOf("disk"), files, seed: 1);
    }

    private static double Mebibytes(long bytes) => bytes / (double)(1 << 20);
}
