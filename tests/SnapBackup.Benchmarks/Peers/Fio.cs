using System.Globalization;
using System.Text.Json;

namespace SnapBackup.Benchmarks.Peers;

/// <summary>Runs fio with its NBD engine.</summary>
internal static class Fio
{
    public const string Program = "fio";

    /// <summary>Runs a job.</summary>
    /// <param name="job">What to do.</param>
    /// <param name="uri">The export.</param>
    /// <param name="folder">Where fio may leave files.</param>
    /// <param name="seed">Which random places it takes.</param>
    /// <returns>Requests or mebibytes a second, as the job's unit says; of writes where it reads and writes.</returns>
    public static async Task<double> RunAsync(FioJob job, string uri, WorkFolder folder, int seed)
    {
        List<string> arguments =
        [
            "--name=job", "--ioengine=nbd", $"--uri={uri}", $"--rw={job.Pattern}", $"--bs={Text(job.Block)}", $"--iodepth={Text(job.Depth)}", $"--offset={Text(job.Offset)}",
            $"--size={Text(job.Size)}", $"--randseed={Text(seed)}", "--refill_buffers=0", "--output-format=json", $"--aux-path={folder.Path}",
        ];
        if (job.Duration > TimeSpan.Zero)
            arguments.AddRange(["--time_based=1", $"--runtime={Text((long)job.Duration.TotalMilliseconds)}ms"]);
        if (job.Bytes > 0)
            arguments.AddRange([$"--io_size={Text(job.Bytes)}", "--norandommap=1"]);
        var output = await Tool.RunAsync(Program, arguments);
        using var json = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        var figures = json.RootElement.GetProperty("jobs")[0].GetProperty(job.Pattern.EndsWith("read", StringComparison.Ordinal) ? "read" : "write");
        return job.Unit == "1/s" ? figures.GetProperty("iops").GetDouble() : figures.GetProperty("bw_bytes").GetDouble() / (1 << 20);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
