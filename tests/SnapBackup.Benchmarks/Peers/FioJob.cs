namespace SnapBackup.Benchmarks.Peers;

/// <summary>What fio is to do with an export.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Pattern">fio's <c>rw</c>.</param>
/// <param name="Block">Bytes a request.</param>
/// <param name="Depth">Requests in flight.</param>
internal sealed record FioJob(string Name, string Pattern, int Block, int Depth)
{
    /// <summary>Where it begins in the export, in bytes.</summary>
    public long Offset { get; init; }

    /// <summary>How many bytes of the export it works on.</summary>
    public required long Size { get; init; }

    /// <summary>How long it goes on; zero: until each block was touched once.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How many bytes it moves, here and there again; zero: as many as it works on.</summary>
    public long Bytes { get; init; }

    /// <summary>What the figure counts.</summary>
    public string Unit => Block < 1 << 20 ? "1/s" : "MiB/s";
}
