using System.Text;
using SnapBackup.Archive.Format;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Reading;

/// <summary>
/// Writes the image of an archive to a device. Each frame is checked against its digest before it is written; frames of
/// zeros are not even read.
/// </summary>
/// <remarks>
/// The head, the image's first MiB, is written last, after all else was flushed. A target that held something before is
/// first blanked there and says in its first sector that it is not finished. So a restore that ends early, by whatever cause,
/// leaves no boot record, partition table or superblock that would make its target look like a disk one may use.
/// </remarks>
internal sealed class ImageRestore(
    IBlockDevice file, ArchiveIndex index, IBlockDevice target, bool targetIsBlank, IProgress<ArchiveProgress>? progress)
{
    private const int HeadSize = 1024 * 1024;
    private const int NoticeSize = 512;

    private readonly FrameLayout _layout = index.Layout;
    private readonly ZeroFrames _zeros = new(index.Layout, ArchiveOptions.DefaultCompressionLevel);
    private readonly ProgressMeter _progress = new(progress, index.Layout.ImageSize);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var headFrames = (int)Math.Min(_layout.FrameCount, Math.Max(1, HeadSize / _layout.FrameSize));
        if (!targetIsBlank)
            await BlankHeadAsync(_layout.OffsetOf(headFrames - 1) + _layout.LengthOf(headFrames - 1), cancellationToken).ConfigureAwait(false);
        await RestoreAsync(headFrames.._layout.FrameCount, cancellationToken).ConfigureAwait(false);
        await target.FlushAsync(cancellationToken).ConfigureAwait(false);
        await RestoreAsync(..headFrames, cancellationToken).ConfigureAwait(false);
        await target.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task BlankHeadAsync(long length, CancellationToken cancellationToken)
    {
        var notice = new byte[Math.Min(NoticeSize, length)];
        Encoding.ASCII.TryGetBytes($"SnapBackup: the restore of {Path.GetFileName(file.Name)} to this device has not finished.\n", notice, out _);
        await target.WriteZeroesAsync(0, length, WriteOptions.None, cancellationToken).ConfigureAwait(false);
        await target.WriteAsync(0, notice, WriteOptions.None, cancellationToken).ConfigureAwait(false);
        await target.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task RestoreAsync(Range frames, CancellationToken cancellationToken) => FrameLanes.RunAsync(
        frames,
        FrameLanes.Count(Environment.ProcessorCount, _layout.FrameSize),
        () => new FrameReader(file, index),
        RestoreAsync,
        cancellationToken);

    private async ValueTask RestoreAsync(FrameReader reader, int frame, CancellationToken cancellationToken)
    {
        var offset = _layout.OffsetOf(frame);
        var length = _layout.LengthOf(frame);
        if (index.DigestOf(frame) != _zeros.For(frame).Digest)
        {
            var stored = await reader.ReadStoredAsync(frame, cancellationToken).ConfigureAwait(false);
            await target.WriteAsync(offset, reader.Decompress(frame, stored.Span), WriteOptions.None, cancellationToken).ConfigureAwait(false);
            _progress.Add(length, length);
            return;
        }

        if (!targetIsBlank)
            await target.WriteZeroesAsync(offset, length, WriteOptions.None, cancellationToken).ConfigureAwait(false);
        _progress.Add(length, 0);
    }
}
