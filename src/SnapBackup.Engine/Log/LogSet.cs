using SnapBackup.Blocks;
using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log.Allocation;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>
/// The logs of a device as one stream of commit groups. A log that fails is left, and another one is used.
/// </summary>
/// <remarks>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>One group is on its way at a time, and the next is written only after it is durable: so only the last group of the stream can be
/// torn, and a group that stands in the log says that all before it are durable.</item>
/// <item>One segment of a class is open at a time, beside the one that compaction fills, and a segment that was closed is never appended to: so
/// its summary stays true.</item>
/// </list>
/// <para>
/// Everything but <see cref="ReadAsync"/>, <see cref="WritePrivateAsync"/> and the numbers is called under <see cref="Appending"/>. Those two may run
/// at any time while the segments they read or write are not released.
/// </para>
/// </remarks>
internal sealed class LogSet : IAsyncDisposable
{
    private readonly ILogAllocator _allocator;
    private readonly Segment?[] _open = new Segment?[(int)SegmentClass.Free];
    private readonly int[] _inUse = new int[(int)SegmentClass.Free];
    private volatile LogVolume[] _logs;
    private long _lastSequence;
    private long _lastGroup;
    private long _bytesWritten;

    public LogSet(LogSetShape shape, IEnumerable<LogVolume> logs, LogAllocation allocation)
    {
        Shape = shape;
        _logs = [.. logs];
        _allocator = allocation switch
        {
            LogAllocation.Striped => new StripedAllocator(),
            LogAllocation.MostFree => new MostFreeAllocator(),
            _ => new SequentialAllocator(),
        };
    }

    /// <summary>Held while the stream is appended to and while segments change hands. Taken after the gate of writes, never before it.</summary>
    public SemaphoreSlim Appending { get; } = new(1, 1);

    /// <summary>Called, under <see cref="Appending"/>, when segments were given back or added, and when less is to be recorded.</summary>
    public Action RoomMade { get; set; } = () => { };

    public LogSetShape Shape { get; }

    public IReadOnlyList<LogVolume> Logs => _logs;

    public long Capacity => _logs.Sum(log => log.Capacity);

    public long Used => _logs.Sum(log => log.Used);

    /// <summary>The bytes of all groups and summaries that were written.</summary>
    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>The bytes that can still be taken on logs that work. May be asked at any time.</summary>
    public long Free => _logs.Where(log => log.IsSound).Sum(log => log.Capacity - log.Used)
        + _open.Sum(segment => segment is { Log.IsSound: true } ? segment.Size - segment.Filled : 0);

    /// <summary>The number of the next segment: those that are taken from now on have this number or a higher one.</summary>
    public long NextSequence => _lastSequence + 1;

    /// <summary>The number of segments that can be taken.</summary>
    public int FreeSegments => _logs.Sum(log => log.FreeSegments);

    /// <summary>The most blocks that fit into one group on an empty segment of any log.</summary>
    public int LargestGroup => _logs.Min(log => new SegmentRoom(log.SegmentSize, 0, 0).Fit(0, log.SegmentSize, Shape.BlockSize));

    /// <summary>What is durable of the open segment of a class; none of one that nothing was written to yet. May be asked at any time.</summary>
    public SegmentTail TailOf(SegmentClass kind) =>
        Volatile.Read(ref _open[(int)kind]) is { Filled: > 0 } open ? new SegmentTail(open.Header.Sequence, open.Epoch, open.Filled) : default;

    /// <summary>How many segments of a class are in use.</summary>
    public int SegmentsOf(SegmentClass kind) => _inUse[(int)kind];

    /// <summary>Does something while nothing is appended and no segment changes hands: for a moment, since writers wait.</summary>
    public async ValueTask WhileUnchangedAsync(Action look)
    {
        await Appending.WaitAsync().ConfigureAwait(false);
        try
        {
            look();
        }
        finally
        {
            Appending.Release();
        }
    }

    /// <inheritdoc cref="WhileUnchangedAsync(Action)"/>
    /// <returns>What was seen.</returns>
    public async ValueTask<T> WhileUnchangedAsync<T>(Func<T> look)
    {
        var seen = default(T)!;
        await WhileUnchangedAsync(() => { seen = look(); }).ConfigureAwait(false);
        return seen;
    }

    /// <summary>The segment of a class that is being filled, if there is one.</summary>
    public Segment? OpenSegment(SegmentClass kind) => _open[(int)kind];

    /// <summary>Goes on where the stream ended when the logs were opened again.</summary>
    public void Resume(long lastSequence, long lastGroup, IEnumerable<Segment> open)
    {
        _lastSequence = lastSequence;
        _lastGroup = lastGroup;
        foreach (var segment in open)
            _open[(int)segment.Class] = segment;
        foreach (var segment in _logs.SelectMany(log => log.Segments))
            _inUse[(int)segment.Class]++;
    }

    /// <summary>Finds room for a group, in the segment being filled or a free one.</summary>
    /// <param name="kind">What the group is for.</param>
    /// <param name="epoch">The epoch it belongs to.</param>
    /// <param name="withoutData">How many records without data are wanted.</param>
    /// <param name="withData">How many with data, after those.</param>
    /// <param name="reserve">How many segments must stay free.</param>
    /// <returns>How many of them fit, from the front; 0 when every log is full or failed.</returns>
    public async ValueTask<int> MakeRoomAsync(SegmentClass kind, long epoch, int withoutData, int withData, int reserve = 0)
    {
        var open = _open[(int)kind];
        if (open is not null && open.Epoch == epoch && open.Log.IsSound && open.Fit(withoutData, withData, Shape.BlockSize) is > 0 and var room)
            return room;
        if (FreeSegments <= reserve)
            return 0;
        await CloseAsync(kind).ConfigureAwait(false);
        if (FreeSegments <= reserve)
            return 0;
        open = Take(kind, epoch);
        _open[(int)kind] = open;
        return open.Fit(withoutData, withData, Shape.BlockSize);
    }

    /// <summary>
    /// The room there is for groups of an epoch: what is left of the segment being filled, then the free segments. In which order the latter
    /// are taken is the allocator's affair.
    /// </summary>
    public IEnumerable<SegmentRoom> RoomFor(SegmentClass kind, long epoch, int reserve)
    {
        if (_open[(int)kind] is { } open && open.Epoch == epoch && open.Log.IsSound)
            yield return open.Room;
        foreach (var log in _logs.SelectMany(log => Enumerable.Repeat(log, log.FreeSegments)).SkipLast(reserve))
            yield return new SegmentRoom(log.SegmentSize, 0, 0);
    }

    /// <summary>Takes a segment for what is no part of the stream. Its header is durable, so that no older use of it is believed any more.</summary>
    /// <param name="epoch">The epoch of the snapshot that it is for.</param>
    /// <param name="reserve">How many segments must stay free.</param>
    /// <returns>Null when there is none to spare.</returns>
    public async ValueTask<Segment?> TakePrivateAsync(long epoch, int reserve)
    {
        while (FreeSegments > reserve)
        {
            var segment = Take(SegmentClass.Private, epoch);
            try
            {
                await segment.Log.WriteHeaderAsync(segment).ConfigureAwait(false);
                segment.Advance(SegmentHeader.Room, [], 0);
                segment.Close();
                return segment;
            }
            catch (SnapBackupException)
            {
                Release(segment); // the log is out of use from now on; another may have room
            }
        }

        return null;
    }

    /// <summary>Takes a segment for versions beside the open one, to be filled and closed by the caller. The log has a free one.</summary>
    public Segment TakeVersions(LogVolume log, long epoch) => Take(log, SegmentClass.Versions, epoch);

    /// <summary>Makes a group durable in the room that was found for it, and gives its place.</summary>
    /// <param name="kind">What room was asked for.</param>
    /// <param name="group">The group; it is sealed here.</param>
    /// <exception cref="SnapBackupException">The log failed. It is not used again; ask for room again.</exception>
    public ValueTask<GroupPlace> AppendAsync(SegmentClass kind, CommitGroup group) =>
        AppendAsync(_open[(int)kind] ?? throw new InvalidOperationException("Ask for room first."), group);

    /// <summary>Makes a group durable in an open segment in which it fits, and gives its place.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="group">The group; it is sealed here.</param>
    /// <exception cref="SnapBackupException">The log failed. It is not used again.</exception>
    public async ValueTask<GroupPlace> AppendAsync(Segment segment, CommitGroup group)
    {
        // The number is used up even if the group fails, so that what may stand of it is never taken for another.
        var number = ++_lastGroup;
        var bytes = group.Seal(segment, number);
        await segment.Log.WriteDurablyAsync(segment.Offset + segment.Filled, bytes).ConfigureAwait(false);
        if (segment.Filled == 0)
            segment.Log.NoteUse(segment);
        segment.Advance(bytes.Length, group.Records, number);
        foreach (ref readonly var record in group.Records)
        {
            if (record.IsVersion)
                segment.Remember(record.HasData);
        }

        Interlocked.Add(ref _bytesWritten, bytes.Length);
        return new GroupPlace(segment.Log.Number, segment.Offset);
    }

    /// <summary>Writes a block of a private segment, or several that lie one after the other; not durably.</summary>
    public ValueTask WritePrivateAsync(int log, long offset, ReadOnlyMemory<byte> blocks) => _logs[log].WriteAsync(offset, blocks);

    /// <summary>Reads preserved data, which may be several blocks that lie one after the other.</summary>
    public ValueTask ReadAsync(int log, long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _logs[log].ReadAsync(offset, buffer, cancellationToken);

    /// <summary>Takes note that a version is needed.</summary>
    public void Remember(PreservedVersion version) => SegmentOf(version).Remember(version.Kind == PreservedKind.Data);

    /// <summary>Takes note that a version is not needed any more.</summary>
    public void Forget(PreservedVersion version) => SegmentOf(version).Forget(version.Kind == PreservedKind.Data);

    /// <summary>Closes the open segment of a class. Its summary only saves time at the next opening, so a failure to write it is the next flush's affair.</summary>
    public async ValueTask CloseAsync(SegmentClass kind)
    {
        if (_open[(int)kind] is not { } segment)
            return;
        _open[(int)kind] = null;
        await CloseAsync(segment).ConfigureAwait(false);
    }

    /// <summary>Closes an open segment, as <see cref="CloseAsync(SegmentClass)"/> does.</summary>
    public async ValueTask CloseAsync(Segment segment)
    {
        if (segment.Filled == 0)
        {
            Release(segment);
            return;
        }

        segment.Close(hasSummary: segment.Log.IsSound && await TryWriteSummaryAsync(segment).ConfigureAwait(false));
    }

    /// <summary>Says durably of a segment that nothing in it is needed, although its epoch is.</summary>
    /// <returns>Whether it is durable; if not, the log is out of use and the segment stays in use.</returns>
    public async ValueTask<bool> TryFreeAsync(Segment segment)
    {
        try
        {
            await segment.Log.WriteFreeHeaderAsync(segment).ConfigureAwait(false);
            return true;
        }
        catch (SnapBackupException)
        {
            return false;
        }
    }

    /// <summary>Gives back the segments that are meant. Nobody reads them any more, and no catalog needs them.</summary>
    public void Release(Predicate<Segment> which)
    {
        var before = FreeSegments;
        foreach (var log in _logs)
        {
            foreach (var segment in log.Segments.Where(segment => which(segment)).ToList())
            {
                if (ReferenceEquals(_open[(int)segment.Class], segment))
                    _open[(int)segment.Class] = null;
                Release(segment);
            }
        }

        if (FreeSegments > before)
            RoomMade();
    }

    /// <summary>Adds a formatted log, whose number is the next one.</summary>
    public void Add(LogVolume log)
    {
        _logs = [.. _logs, log];
        RoomMade();
    }

    /// <summary>The log's name, for messages.</summary>
    public string NameOf(PreservedVersion version) => _logs[version.Log].Name;

    /// <summary>Says why there is no room: what failed on the logs, or that all are full.</summary>
    public (string Cause, Exception? Failure) WhyNoRoom()
    {
        var failed = _logs.FirstOrDefault(log => !log.IsSound);
        return failed is null
            ? ($"its {_logs.Length} log(s) are full ({new ByteSize(Used)} of {new ByteSize(Capacity)} in use)", null)
            : ($"the log {failed.Name} failed and no other has room: {failed.Failure!.Message}", failed.Failure);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var log in _logs)
            await log.DisposeAsync().ConfigureAwait(false);
        Appending.Dispose();
    }

    private Segment Take(SegmentClass kind, long epoch) =>
        Take(_allocator.Choose([.. _logs.Where(log => log.FreeSegments > 0)]), kind, epoch);

    private Segment Take(LogVolume log, SegmentClass kind, long epoch)
    {
        _inUse[(int)kind]++;
        return log.TakeSegment(Shape.SetId, kind, epoch, ++_lastSequence);
    }

    private void Release(Segment segment)
    {
        segment.Log.Release(segment);
        _inUse[(int)segment.Class]--;
    }

    private async ValueTask<bool> TryWriteSummaryAsync(Segment segment)
    {
        var summary = segment.Summarise();
        try
        {
            await segment.Log.WriteAsync(segment.Offset + segment.Size - summary.Length, summary).ConfigureAwait(false);
            Interlocked.Add(ref _bytesWritten, summary.Length);
            return true;
        }
        catch (SnapBackupException)
        {
            return false; // the log is out of use from now on and keeps the failure
        }
    }

    /// <summary>The segment of a version that is needed, which is therefore in use.</summary>
    private Segment SegmentOf(PreservedVersion version) => _logs[version.Log].SegmentAt(version.Offset)!;
}
