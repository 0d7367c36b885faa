using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>
/// The logs of a device as one stream of commit groups. Logs are filled in their order; a log that fails is left and
/// the next one is used.
/// </summary>
/// <remarks>
/// One appender calls <see cref="MakeRoom"/>, <see cref="AppendAsync"/> and <see cref="ReleaseSegments"/>, never two
/// at once. <see cref="ReadAsync"/> may run at any time while the segments it reads are not released.
/// </remarks>
internal sealed class LogSet(LogSetShape shape, IReadOnlyList<LogVolume> logs) : IAsyncDisposable
{
    private readonly List<Segment> _taken = [];
    private Segment? _current;
    private long _lastSegmentSequence;
    private long _lastGroupNumber;

    public IReadOnlyList<string> Names => [.. logs.Select(log => log.Name)];

    public long Capacity => logs.Sum(log => log.Capacity);

    public long Used => logs.Sum(log => log.Used);

    /// <summary>The most blocks that fit into one group on an empty segment of any log.</summary>
    public int LargestGroup => logs.Min(log => BlocksThatFit(log.SegmentSize - SegmentHeader.Size, int.MaxValue));

    /// <summary>Finds room for a group, in the segment being filled or the next free one.</summary>
    /// <param name="blocks">How many blocks are wanted; at most <see cref="LargestGroup"/>.</param>
    /// <returns>How many fit, at least one; 0 when every log is full or failed.</returns>
    public int MakeRoom(int blocks)
    {
        var room = RoomIn(_current, blocks);
        if (room > 0)
            return room;
        _current = TakeSegment();
        return RoomIn(_current, blocks);
    }

    /// <summary>Makes a group durable in the room that was found for it, and gives its place.</summary>
    /// <param name="group">The group; it is sealed here.</param>
    /// <param name="epoch">The epoch it belongs to.</param>
    /// <exception cref="Blocks.SnapBackupException">The log failed. It is not used again; ask for room again.</exception>
    public async ValueTask<GroupPlace> AppendAsync(CommitGroup group, long epoch)
    {
        var segment = _current ?? throw new InvalidOperationException("Ask for room first.");
        var number = _lastGroupNumber + 1;
        SegmentHeader? header = segment.IsEmpty
            ? new SegmentHeader { SetId = shape.SetId, Epoch = epoch, Sequence = segment.Sequence }
            : null;
        var bytes = group.Seal(header, segment.Sequence, number);
        try
        {
            await segment.Log.WriteDurablyAsync(segment.Offset + segment.Filled, bytes).ConfigureAwait(false);
        }
        catch
        {
            _current = null;
            throw;
        }

        segment.Advance(bytes.Length);
        _lastGroupNumber = number;
        return new GroupPlace(LogNumber(segment.Log), segment.Offset + segment.Filled - group.DataLength, bytes.Length);
    }

    /// <summary>Reads preserved data, which may be several blocks that lie one after the other.</summary>
    public ValueTask ReadAsync(int log, long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        logs[log].ReadAsync(offset, buffer, cancellationToken);

    /// <summary>The log's name, for messages.</summary>
    public string NameOf(PreservedVersion version) => logs[version.Log].Name;

    /// <summary>Says why there is no room: what failed on the logs, or that all are full.</summary>
    public (string Cause, Exception? Failure) WhyNoRoom()
    {
        var failed = logs.FirstOrDefault(log => log.Failure is not null);
        return failed is null
            ? ($"its {logs.Count} log(s) are full ({new Blocks.ByteSize(Used)} of {new Blocks.ByteSize(Capacity)} in use)", null)
            : ($"the log {failed.Name} failed and no other has room: {failed.Failure!.Message}", failed.Failure);
    }

    /// <summary>Gives all segments back. Nobody reads them any more.</summary>
    public void ReleaseSegments()
    {
        foreach (var segment in _taken)
            segment.Log.Release(segment);
        _taken.Clear();
        _current = null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var log in logs)
            await log.DisposeAsync().ConfigureAwait(false);
    }

    private Segment? TakeSegment()
    {
        foreach (var log in logs)
        {
            if (log.TryTakeSegment(_lastSegmentSequence + 1) is { } segment)
            {
                _lastSegmentSequence++;
                _taken.Add(segment);
                return segment;
            }
        }

        return null;
    }

    private int RoomIn(Segment? segment, int blocks) => segment switch
    {
        null => 0,
        { IsEmpty: true } => BlocksThatFit(segment.Room - SegmentHeader.Size, blocks),
        _ => BlocksThatFit(segment.Room, blocks),
    };

    private int BlocksThatFit(int bytes, int wanted)
    {
        var most = Math.Min(wanted, bytes / shape.BlockSize);
        while (most > 0 && GroupHeader.SizeWith(most) + ((long)most * shape.BlockSize) > bytes)
            most--;
        return most;
    }

    private int LogNumber(LogVolume volume)
    {
        for (var number = 0; number < logs.Count; number++)
        {
            if (ReferenceEquals(logs[number], volume))
                return number;
        }

        throw new InvalidOperationException($"{volume.Name} is not a log of this set.");
    }
}
