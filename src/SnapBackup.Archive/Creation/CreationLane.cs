using SnapBackup.Blocks;

namespace SnapBackup.Archive.Creation;

/// <summary>One frame on its way from the device into the archive.</summary>
internal sealed class CreationLane(IBlockDevice source, FrameLayout layout, int level, WorkerThreads threads) : IDisposable
{
    private readonly FrameCompressor _compressor = new(level, layout.FrameSize);
    private readonly byte[] _content = new byte[layout.FrameSize];
    private int _length;

    /// <summary>Reads the content of a frame, unless the device knows all of it to be a hole.</summary>
    /// <returns>Whether it is zeros and nothing else.</returns>
    public async ValueTask<bool> ReadAsync(int frame, CancellationToken cancellationToken)
    {
        var start = layout.OffsetOf(frame);
        _length = layout.LengthOf(frame);

        // Smaller holes are read with the rest: one request of a frame costs less than one for each extent.
        var extent = await source.GetExtentAsync(start, _length, cancellationToken).ConfigureAwait(false);
        if (extent.Kind == ExtentKind.Hole && extent.Length == _length)
            return true;
        await source.ReadAsync(start, _content.AsMemory(0, _length), cancellationToken).ConfigureAwait(false);
        return !_content.AsSpan(0, _length).ContainsAnyExcept((byte)0);
    }

    /// <summary>Compresses what was read. The result is valid until the next.</summary>
    public Task<StoredFrame> CompressAsync() => threads.RunAsync(() => _compressor.Compress(_content.AsSpan(0, _length)));

    public void Dispose() => _compressor.Dispose();
}
