using System.Numerics;

namespace SnapBackup.Archive;

/// <summary>
/// How an image is cut into frames: all of one size, the last one shorter when the image does not fill it. Invariant:
/// the size is within <see cref="ArchiveLimits"/>, so a frame's number fits an <see cref="int"/>.
/// </summary>
internal readonly record struct FrameLayout
{
    private FrameLayout(long imageSize, int frameSize)
    {
        ImageSize = imageSize;
        FrameSize = frameSize;
    }

    public long ImageSize { get; }

    public int FrameSize { get; }

    public int FrameCount => (int)FramesNeeded(ImageSize, FrameSize);

    public static bool IsFrameSize(int size) =>
        size is >= ArchiveLimits.MinFrameSize and <= ArchiveLimits.MaxFrameSize && BitOperations.IsPow2(size);

    /// <summary>The smallest frame, from <paramref name="atLeast"/> on, of which an archive can hold enough for the image.</summary>
    public static int FrameSizeFor(long imageSize, int atLeast)
    {
        var size = atLeast;
        while (size < ArchiveLimits.MaxFrameSize && FramesNeeded(imageSize, size) > ArchiveLimits.MaxFrames)
            size *= 2;
        return size;
    }

    /// <returns>Whether an archive may have this layout.</returns>
    public static bool TryCreate(long imageSize, int frameSize, out FrameLayout layout)
    {
        layout = default;
        if (imageSize < 1 || !IsFrameSize(frameSize) || FramesNeeded(imageSize, frameSize) > ArchiveLimits.MaxFrames)
            return false;
        layout = new FrameLayout(imageSize, frameSize);
        return true;
    }

    public long OffsetOf(int frame) => (long)frame * FrameSize;

    public int LengthOf(int frame) => (int)Math.Min(FrameSize, ImageSize - OffsetOf(frame));

    private static long FramesNeeded(long imageSize, int frameSize) => ((imageSize - 1) / frameSize) + 1;
}
