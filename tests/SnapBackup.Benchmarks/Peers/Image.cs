namespace SnapBackup.Benchmarks.Peers;

/// <summary>Files for disks and targets, full of bytes that are no zeros: a hole costs nobody what data costs.</summary>
internal static class Image
{
    private const int Piece = 1 << 20;

    /// <summary>Makes a file.</summary>
    /// <returns>Its path.</returns>
    public static string Make(WorkFolder folder, string name, long size)
    {
        var data = new byte[Piece];
        new Random(1).NextBytes(data);
        using var file = File.Create(folder[name]);
        for (var done = 0L; done < size; done += Piece)
            file.Write(data);
        file.Flush(flushToDisk: true);
        return folder[name];
    }
}
