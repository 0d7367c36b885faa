namespace SnapBackup.Archive;

/// <summary>
/// The frames of nothing but zeros, one of each length that an image has. They are compressed once, written and
/// compared as often as they are needed: a terabyte of holes costs the time of its table entries.
/// </summary>
internal sealed class ZeroFrames
{
    private readonly FrameLayout _layout;
    private readonly StoredFrame _whole;
    private readonly StoredFrame _last;

    public ZeroFrames(FrameLayout layout, int level)
    {
        _layout = layout;
        _whole = Make(layout.LengthOf(0), level);
        _last = Make(layout.LengthOf(layout.FrameCount - 1), level);
    }

    public StoredFrame For(int frame) => _layout.LengthOf(frame) == _layout.LengthOf(0) ? _whole : _last;

    private static StoredFrame Make(int length, int level)
    {
        using var compressor = new FrameCompressor(level, length);
        return compressor.Compress(new byte[length]);
    }
}
