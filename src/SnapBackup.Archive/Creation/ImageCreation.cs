using SnapBackup.Blocks;

namespace SnapBackup.Archive.Creation;

/// <summary>
/// Archives a device: frames are read and compressed at once, in lanes, and written one after the other. Nothing is
/// held but the frames under way and the tables.
/// </summary>
internal sealed class ImageCreation
{
    private readonly IBlockDevice _source;
    private readonly ArchiveOptions _options;
    private readonly FrameLayout _layout;
    private readonly ImageWriter _writer;
    private readonly ProgressMeter _progress;
    private readonly ZeroFrames _zeros;
    private readonly FrameTurn _turn = new();

    public ImageCreation(
        IBlockDevice source, ArchiveOptions options, FrameLayout layout, Stream output, IProgress<ArchiveProgress>? progress)
    {
        _source = source;
        _options = options;
        _layout = layout;
        _writer = new ImageWriter(output, layout);
        _progress = new ProgressMeter(progress, layout.ImageSize);
        _zeros = new ZeroFrames(layout, options.CompressionLevel);
    }

    /// <summary>How the device is cut into frames.</summary>
    /// <exception cref="ArchiveException">
    /// <see cref="ArchiveError.UnsupportedSource"/>. A device of no bytes is refused because it is a mistake (an image
    /// that was cut, a card reader without card), and keeping the newest archives would then drop real ones for it.
    /// </exception>
    public static FrameLayout LayoutFor(IBlockDevice source, ArchiveOptions options)
    {
        if (source.Size < 1)
            throw new ArchiveException(ArchiveError.UnsupportedSource, $"{source.Name}: it has no bytes to archive. Check that it is the right device.");
        var frameSize = options.FrameSize ?? FrameLayout.FrameSizeFor(source.Size, ArchiveOptions.DefaultFrameSize);
        if (FrameLayout.TryCreate(source.Size, frameSize, out var layout))
            return layout;
        var most = (long)ArchiveLimits.MaxFrames * frameSize;
        throw new ArchiveException(
            ArchiveError.UnsupportedSource,
            $"{source.Name}: its {source.Size} bytes are more than the {most} that an archive with frames of {frameSize} bytes can hold. "
            + $"Choose larger frames, up to {ArchiveLimits.MaxFrameSize} bytes.");
    }

    /// <summary>Writes the whole archive.</summary>
    public async Task RunAsync(ArchiveManifest manifest, CancellationToken cancellationToken)
    {
        await FrameLanes.RunAsync(
            .._layout.FrameCount,
            _layout.FrameSize,
            _options.Workers,
            threads => new CreationLane(_source, _layout, _options.CompressionLevel, threads),
            ArchiveFrameAsync,
            cancellationToken).ConfigureAwait(false);
        _writer.Complete(manifest);
    }

    private async ValueTask ArchiveFrameAsync(CreationLane lane, int frame, CancellationToken cancellationToken)
    {
        var stored = await lane.ReadAsync(frame, cancellationToken).ConfigureAwait(false)
            ? _zeros.For(frame)
            : await lane.CompressAsync().ConfigureAwait(false);
        await _turn.WaitAsync(frame, cancellationToken).ConfigureAwait(false);
        _writer.WriteFrame(stored);
        _progress.Add(_layout.LengthOf(frame), stored.Bytes.Length);
        _turn.Pass();
    }
}
