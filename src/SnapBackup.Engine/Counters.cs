using SnapBackup.Engine.Log;
using SnapBackup.Engine.Overflow;

namespace SnapBackup.Engine;

/// <summary>The live counters behind <see cref="SnapDeviceStatistics"/>. Fields, because they are added to in place.</summary>
internal sealed class Counters
{
    public long RequestsBegun;
    public long RequestsEnded;
    public long OriginBytesRead;
    public long OriginBytesWritten;
    public long OriginBytesZeroed;
    public long OriginFlushes;
    public long BlocksPreserved;
    public long ZeroBlocksPreserved;
    public long WritesWithoutCopy;
    public long CommitGroups;
    public long SnapshotBytesFromLog;
    public long SnapshotBytesFromSource;
    public long GroupsSlowed;
    public long GroupsHeld;
    public long BytesCompacted;

    /// <summary>Counts a request as begun, and as ended when disposed.</summary>
    public RequestCount CountRequest()
    {
        Interlocked.Increment(ref RequestsBegun);
        return new RequestCount(this);
    }

    public SnapDeviceStatistics Read(LogSet logs, OverflowLadder ladder)
    {
        var room = ladder.MeasureRoom();
        return new SnapDeviceStatistics
        {
            // Ended first: a request that ends between the two readings is then not counted as ended before it began.
            RequestsEnded = Volatile.Read(ref RequestsEnded),
            RequestsBegun = Volatile.Read(ref RequestsBegun),
            OriginBytesRead = Volatile.Read(ref OriginBytesRead),
            OriginBytesWritten = Volatile.Read(ref OriginBytesWritten),
            OriginBytesZeroed = Volatile.Read(ref OriginBytesZeroed),
            OriginFlushes = Volatile.Read(ref OriginFlushes),
            BlocksPreserved = Volatile.Read(ref BlocksPreserved),
            ZeroBlocksPreserved = Volatile.Read(ref ZeroBlocksPreserved),
            WritesWithoutCopy = Volatile.Read(ref WritesWithoutCopy),
            CommitGroups = Volatile.Read(ref CommitGroups),
            LogBytesWritten = logs.BytesWritten,
            BytesCompacted = Volatile.Read(ref BytesCompacted),
            SnapshotBytesFromLog = Volatile.Read(ref SnapshotBytesFromLog),
            SnapshotBytesFromSource = Volatile.Read(ref SnapshotBytesFromSource),
            GroupsSlowed = Volatile.Read(ref GroupsSlowed),
            GroupsHeld = Volatile.Read(ref GroupsHeld),
            LogCapacity = logs.Capacity,
            LogUsed = logs.Used,
            LogFree = room.Free,
            TimeUntilLogFull = ladder.TimeUntilFull(room),
            LogFillStage = ladder.StageNow(room),
        };
    }

    public readonly struct RequestCount(Counters counters) : IDisposable
    {
        public void Dispose() => Interlocked.Increment(ref counters.RequestsEnded);
    }
}
