using SnapBackup.Blocks;

namespace SnapBackup.Archive.Creation;

/// <summary>One frame on its way from the device into the archive.</summary>
internal sealed class CreationLane(IBlockDevice source, FrameLayout layout, int level) : IDisposable
{
    private readonly FrameCompressor _compressor = new(level, layout.FrameSize);
    private readonly byte[] _content = new byte[layout.FrameSize];
    private int _length;

    /// <summary>Reads the content of a frame; of what the device knows to be a hole nothing is read.</summary>
    /// <returns>Whether it is zeros and nothing else.</returns>
    public async ValueTask<bool> ReadAsync(int frame, CancellationToken cancellationToken)
    {
        var start = layout.OffsetOf(frame);
        _length = layout.LengthOf(frame);
        var zeros = true;
        for (var done = 0; done < _length;)
        {
            var extent = await source.GetExtentAsync(start + done, _length - done, cancellationToken).ConfigureAwait(false);
            if (extent.Kind == ExtentKind.Hole && extent.Length == _length)
                return true;
            var run = _content.AsMemory(done, (int)extent.Length);
            if (extent.Kind == ExtentKind.Hole)
            {
                run.Span.Clear();
            }
            else
            {
                await source.ReadAsync(start + done, run, cancellationToken).ConfigureAwait(false);
                zeros = zeros && !run.Span.ContainsAnyExcept((byte)0);
            }

            done += run.Length;
        }

        return zeros;
    }

    /// <summary>Compresses what was read. The result is valid until the next.</summary>
    public StoredFrame Compress() => _compressor.Compress(_content.AsSpan(0, _length));

    public void Dispose() => _compressor.Dispose();
}
