using SharpCompress.Compressors.ZStandard;
using SnapBackup.Archive.Format;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Reading;

/// <summary>Reads frames of an archive and hands out no byte that is not what was archived. One frame at a time.</summary>
internal sealed class FrameReader(IBlockDevice file, ArchiveIndex index, WorkerThreads threads) : IDisposable
{
    private readonly Decompressor _decompressor = new();
    private readonly byte[] _stored = new byte[Compressor.GetCompressBound(index.Layout.FrameSize)];
    private readonly byte[] _content = new byte[index.Layout.FrameSize];

    /// <summary>Reads a frame as it stands in the file, unchecked. Valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadStoredAsync(int frame, CancellationToken cancellationToken)
    {
        var stored = _stored.AsMemory(0, index.StoredLengthOf(frame));
        await file.ReadAsync(index.OffsetOf(frame), stored, cancellationToken).ConfigureAwait(false);
        return stored;
    }

    /// <summary>Decompresses a frame and checks it against its digest. The content is valid until the next call.</summary>
    /// <exception cref="ArchiveException"><see cref="ArchiveError.Damaged"/>.</exception>
    public Task<ReadOnlyMemory<byte>> DecompressAsync(int frame, ReadOnlyMemory<byte> stored) =>
        threads.RunAsync(() => Decompress(frame, stored.Span));

    public void Dispose() => _decompressor.Dispose();

    private ReadOnlyMemory<byte> Decompress(int frame, ReadOnlySpan<byte> stored)
    {
        var content = _content.AsMemory(0, index.Layout.LengthOf(frame));
        int length;
        try
        {
            length = _decompressor.Unwrap(stored, content.Span);
        }
        catch (ZstdException error)
        {
            throw Damaged(frame, $"it cannot be decompressed: {error.Message}", error);
        }

        if (length != content.Length)
            throw Damaged(frame, $"it holds {length} bytes instead of {content.Length}");
        if (FrameDigest.Of(content.Span) != index.DigestOf(frame))
            throw Damaged(frame, "its content does not match its digest");
        return content;
    }

    private ArchiveException Damaged(int frame, string what, Exception? innerException = null) => ArchiveException.Damaged(
        file.Name,
        $"frame {frame} ({index.Layout.LengthOf(frame)} bytes of the image from {index.Layout.OffsetOf(frame)}, "
        + $"stored at offset {index.OffsetOf(frame)}): {what}",
        innerException);
}
