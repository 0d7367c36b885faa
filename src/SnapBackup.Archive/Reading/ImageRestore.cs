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
    private const int PageSize = 4096;

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
        _layout.FrameSize,
        Environment.ProcessorCount,
        threads => new FrameReader(file, index, threads),
        RestoreAsync,
        cancellationToken);

    private async ValueTask RestoreAsync(FrameReader reader, int frame, CancellationToken cancellationToken)
    {
        var offset = _layout.OffsetOf(frame);
        var length = _layout.LengthOf(frame);
        if (index.DigestOf(frame) != _zeros.For(frame).Digest)
        {
            var stored = await reader.ReadStoredAsync(frame, cancellationToken).ConfigureAwait(false);
            var content = await reader.DecompressAsync(frame, stored).ConfigureAwait(false);
            _progress.Add(length, await WriteAsync(offset, content, cancellationToken).ConfigureAwait(false));
            return;
        }

        if (!targetIsBlank)
            await target.WriteZeroesAsync(offset, length, WriteOptions.None, cancellationToken).ConfigureAwait(false);
        _progress.Add(length, 0);
    }

    /// <summary>Writes content; of what is blank already its pages of zeros are left out, so that a new file is as sparse as the image was.</summary>
    /// <returns>How many bytes were written.</returns>
    private async ValueTask<long> WriteAsync(long offset, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (!targetIsBlank)
        {
            await target.WriteAsync(offset, content, WriteOptions.None, cancellationToken).ConfigureAwait(false);
            return content.Length;
        }

        var written = 0L;
        for (var at = 0; at < content.Length;)
        {
            var zeros = PagesOfKind(content.Span[at..], zeros: true);
            var data = PagesOfKind(content.Span[(at + zeros)..], zeros: false);
            if (data > 0)
                await target.WriteAsync(offset + at + zeros, content.Slice(at + zeros, data), WriteOptions.None, cancellationToken).ConfigureAwait(false);
            written += data;
            at += zeros + data;
        }

        return written;
    }

    /// <returns>The length of the run of whole pages, from the start, that are zeros or are not.</returns>
    private static int PagesOfKind(ReadOnlySpan<byte> content, bool zeros)
    {
        var length = 0;
        while (length < content.Length)
        {
            var page = content.Slice(length, Math.Min(PageSize, content.Length - length));
            if (page.ContainsAnyExcept((byte)0) == zeros)
                break;
            length += page.Length;
        }

        return length;
    }
}
