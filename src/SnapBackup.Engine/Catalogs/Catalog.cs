using System.Collections.Immutable;
using SnapBackup.Blocks;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Catalogs;

/// <summary>
/// What a device is keeping, as it stands on every log: its points in time, the epoch, which logs failed. A value: every change makes
/// a new one, of the next generation.
/// </summary>
internal sealed record Catalog
{
    /// <summary>The generation that a set-up writes: nothing was done with the device yet.</summary>
    public const ulong FirstGeneration = 1;

    public required Guid SetId { get; init; }

    public ulong Generation { get; init; }

    public long Epoch { get; init; } = 1;

    /// <summary>Segments with a lower sequence number are not needed for the change map any more.</summary>
    public long ChangesFrom { get; init; } = 1;

    public required int LogCount { get; init; }

    /// <summary>Whether the logs are not flushed, so that nothing of this survives the process.</summary>
    public bool IsVolatile { get; init; }

    /// <summary>The point that the source is being rolled back to; empty when none is.</summary>
    public Guid RollbackTarget { get; init; }

    /// <summary>Whether the source may be written at any time, because a device has it.</summary>
    public bool IsAttached { get; init; }

    /// <summary>The stamp of the source when it was let go or, while it is attached, when it was attached.</summary>
    public DeviceStamp Stamp { get; init; }

    /// <summary>What was durable of the open segment of versions.</summary>
    public SegmentTail VersionsTail { get; init; }

    /// <summary>What was durable of the open segment of changes.</summary>
    public SegmentTail ChangesTail { get; init; }

    /// <summary>The segment that was used last of the log that this copy stands on.</summary>
    public SegmentLink LastUsed { get; init; } = SegmentLink.None;

    /// <summary>Names the log that was added last to a device in use, in its own first catalog too; empty for none.</summary>
    public Guid LastAdded { get; init; }

    /// <summary>The logs that failed, by number.</summary>
    public ImmutableHashSet<int> FailedLogs { get; init; } = [];

    /// <summary>Snapshots and bookmarks in the order in which they were started.</summary>
    public ImmutableArray<CatalogPoint> Points { get; init; } = [];

    /// <summary>The lowest epoch whose versions a snapshot needs; one that never comes when none does.</summary>
    public long LowestLiveEpoch => Lowest(point => point.IsLive);

    /// <summary>
    /// The epoch of the oldest snapshot that can be given up to make room, which the one that the source is being rolled back to cannot; one that
    /// never comes when there is none.
    /// </summary>
    public long LowestDispensableEpoch => Lowest(point => point.IsLive && point.Id != RollbackTarget);

    /// <summary>The lowest epoch whose changes a point needs; one that never comes when none does.</summary>
    public long LowestNeededEpoch => Lowest(point => point.NeedsChanges);

    /// <summary>Whether writes are recorded for the sake of a point, so that the logs fill.</summary>
    public bool IsRecording => LowestLiveEpoch != long.MaxValue || LowestNeededEpoch != long.MaxValue;

    /// <summary>Whether something of a segment is needed: versions by a snapshot, or changes by any point.</summary>
    public bool Needs(SegmentClass kind, long epoch, long sequence) =>
        (kind == SegmentClass.Versions && epoch >= LowestLiveEpoch)
        || (kind is SegmentClass.Versions or SegmentClass.Changes && epoch >= LowestNeededEpoch && sequence >= ChangesFrom);

    public CatalogPoint? Find(string name)
    {
        foreach (var point in Points)
        {
            if (point.Name.Equals(name, StringComparison.Ordinal))
                return point;
        }

        return null;
    }

    /// <summary>The point that the source is being rolled back to; null when none is.</summary>
    public CatalogPoint? FindRollbackTarget()
    {
        foreach (var point in Points)
        {
            if (point.Id == RollbackTarget)
                return point;
        }

        return null;
    }

    public Catalog With(CatalogPoint added) => this with { Points = Points.Add(added) };

    public Catalog Without(Guid id) => this with { Points = Points.RemoveAll(point => point.Id == id) };

    /// <summary>Changes the points that are meant and leaves the others.</summary>
    public Catalog Change(Predicate<CatalogPoint> which, Func<CatalogPoint, CatalogPoint> how) =>
        this with { Points = [.. Points.Select(point => which(point) ? how(point) : point)] };

    /// <summary>Reads a slot.</summary>
    public static bool TryRead(ReadOnlySpan<byte> slot, out Catalog? catalog)
    {
        catalog = null;
        if (!CatalogHeader.TryRead(slot, out var header))
            return false;
        var points = ImmutableArray.CreateBuilder<CatalogPoint>(header.PointCount);
        for (var i = 0; i < header.PointCount; i++)
        {
            if (!CatalogPoint.TryRead(slot[CatalogHeader.SizeWith(i)..], out var point))
                return false;
            points.Add(point);
        }

        catalog = new Catalog
        {
            SetId = header.SetId,
            Generation = header.Generation,
            Epoch = header.Epoch,
            ChangesFrom = header.ChangesFrom,
            LogCount = header.LogCount,
            IsVolatile = header.IsVolatile,
            RollbackTarget = header.RollbackTarget,
            IsAttached = header.IsAttached,
            Stamp = header.Stamp,
            VersionsTail = header.VersionsTail,
            ChangesTail = header.ChangesTail,
            LastUsed = header.LastUsed,
            LastAdded = header.LastAdded,
            FailedLogs = ReadFailedLogs(CatalogHeader.FailedLogs(slot)),
            Points = points.MoveToImmutable(),
        };
        return true;
    }

    /// <summary>The bytes for a slot.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[LogLayout.AlignUp(CatalogHeader.SizeWith(Points.Length))];
        for (var i = 0; i < Points.Length; i++)
            Points[i].Write(bytes.AsSpan(CatalogHeader.SizeWith(i)));
        var failed = CatalogHeader.FailedLogs(bytes.AsSpan());
        foreach (var log in FailedLogs)
            failed[log / 8] |= (byte)(1 << (log % 8));
        new CatalogHeader
        {
            SetId = SetId,
            Generation = Generation,
            Epoch = Epoch,
            ChangesFrom = ChangesFrom,
            PointCount = (ushort)Points.Length,
            LogCount = (ushort)LogCount,
            IsVolatile = IsVolatile,
            RollbackTarget = RollbackTarget,
            IsAttached = IsAttached,
            Stamp = Stamp,
            VersionsTail = VersionsTail,
            ChangesTail = ChangesTail,
            LastUsed = LastUsed,
            LastAdded = LastAdded,
        }.Write(bytes);
        return bytes;
    }

    private static ImmutableHashSet<int> ReadFailedLogs(ReadOnlySpan<byte> bits)
    {
        var failed = ImmutableHashSet.CreateBuilder<int>();
        for (var log = 0; log < 8 * bits.Length; log++)
        {
            if ((bits[log / 8] & (1 << (log % 8))) != 0)
                failed.Add(log);
        }

        return failed.ToImmutable();
    }

    private long Lowest(Predicate<CatalogPoint> which)
    {
        var lowest = long.MaxValue;
        foreach (var point in Points)
        {
            if (which(point))
                lowest = Math.Min(lowest, point.Epoch);
        }

        return lowest;
    }
}
