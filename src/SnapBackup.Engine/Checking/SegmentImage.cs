using SnapBackup.Blocks;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Checking;

/// <summary>The bytes of a segment, with zeros where they cannot be read; zeros have no checksum that holds.</summary>
internal sealed class SegmentImage
{
    private const int Step = 1 << 20;

    private readonly Memory<byte> _bytes;
    private readonly SortedDictionary<int, string> _unreadable = [];

    private SegmentImage(Memory<byte> bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>Reads a segment from its start into a buffer, page by page where that fails in one.</summary>
    public static async ValueTask<SegmentImage> ReadAsync(Segment segment, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var image = new SegmentImage(buffer);
        for (var at = 0; at < buffer.Length; at += Step)
        {
            var end = Math.Min(buffer.Length, at + Step);
            if (await image.TryReadAsync(segment, at, end, cancellationToken).ConfigureAwait(false) is null)
                continue;
            for (var page = at; page < end; page += LogLayout.Alignment)
                await image.ReadPageAsync(segment, page, Math.Min(end, page + LogLayout.Alignment), cancellationToken).ConfigureAwait(false);
        }

        return image;
    }

    /// <summary>Why a range cannot be read; null when it can.</summary>
    public string? WhyUnreadable(int start, int end)
    {
        foreach (var (page, failure) in _unreadable)
        {
            if (page < end && page + LogLayout.Alignment > start)
                return $"cannot be read ({failure})";
        }

        return null;
    }

    /// <summary>Says why a range is not as it should be: that it cannot be read, or that it is damaged.</summary>
    public string WhyBad(int start, int end) => WhyUnreadable(start, end) ?? "does not have its checksum";

    private async ValueTask<BlockDeviceException?> TryReadAsync(Segment segment, int start, int end, CancellationToken cancellationToken)
    {
        try
        {
            await segment.Log.ReadAsync(segment.Offset + start, _bytes[start..end], cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (BlockDeviceException failure)
        {
            return failure;
        }
    }

    private async ValueTask ReadPageAsync(Segment segment, int start, int end, CancellationToken cancellationToken)
    {
        if (await TryReadAsync(segment, start, end, cancellationToken).ConfigureAwait(false) is not { } failure)
            return;
        _unreadable.Add(start, failure.Message);
        _bytes[start..end].Span.Clear();
    }
}
