using System.Collections.Concurrent;
using SnapBackup.Archive.Format;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Reading;

/// <summary>Decompresses all of an archive and compares it with its digests.</summary>
internal sealed class ContentVerification(IBlockDevice file, ArchiveIndex index, IProgress<ArchiveProgress>? progress)
{
    private readonly ConcurrentBag<DamagedFrame> _damaged = [];
    private readonly ZeroFrames _zeros = new(index.Layout, ArchiveOptions.DefaultCompressionLevel);
    private readonly ProgressMeter _progress = new(progress, index.Layout.ImageSize);

    public async Task<ArchiveVerification> RunAsync(CancellationToken cancellationToken)
    {
        var layout = index.Layout;
        await FrameLanes.RunAsync(
            ..layout.FrameCount,
            layout.FrameSize,
            Environment.ProcessorCount,
            threads => new FrameReader(file, index, threads),
            VerifyAsync,
            cancellationToken).ConfigureAwait(false);
        var damaged = _damaged.OrderBy(frame => frame.Offset).ToList();
        return new ArchiveVerification(layout.ImageSize - damaged.Sum(frame => (long)frame.Length), damaged);
    }

    private async ValueTask VerifyAsync(FrameReader reader, int frame, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await reader.ReadStoredAsync(frame, cancellationToken).ConfigureAwait(false);
            if (!IsKnownZeros(frame, stored.Span))
                _ = await reader.DecompressAsync(frame, stored).ConfigureAwait(false);
        }
        catch (SnapBackupException error)
        {
            // Also what the medium cannot read: the list is to be complete, so the next frame is tried.
            _damaged.Add(new DamagedFrame(index.Layout.OffsetOf(frame), index.Layout.LengthOf(frame), error.Message));
        }

        _progress.Add(index.Layout.LengthOf(frame), 0);
    }

    /// <summary>Equal bytes decompress to equal content: the frames of holes need no decompression to be right.</summary>
    private bool IsKnownZeros(int frame, ReadOnlySpan<byte> stored)
    {
        var zeros = _zeros.For(frame);
        return zeros.Digest == index.DigestOf(frame) && stored.SequenceEqual(zeros.Bytes.Span);
    }
}
