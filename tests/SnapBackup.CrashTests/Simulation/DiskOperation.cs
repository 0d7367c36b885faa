namespace SnapBackup.CrashTests.Simulation;

/// <summary>One request that changes a disk, or flushes it.</summary>
internal sealed class DiskOperation : TracedOperation
{
    /// <summary>The disk's name.</summary>
    public required string Disk { get; init; }

    public required DiskOperationKind Kind { get; init; }

    /// <summary>Where it starts, in bytes; the new size of a disk that grows.</summary>
    public long Offset { get; init; }

    /// <summary>What the range holds afterwards; zeros after write-zeroes and trim. Owned by the operation.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    public bool ForceUnitAccess { get; init; }

    public int FirstSector => (int)(Offset / DiskImage.SectorSize);

    /// <summary>How many sectors it touches, the first and the last perhaps in part.</summary>
    public int SectorCount => Data.IsEmpty ? 0 : (int)((Offset + Data.Length - 1) / DiskImage.SectorSize) - FirstSector + 1;

    public override string ToString() => Kind switch
    {
        DiskOperationKind.Flush => $"{Disk} flush",
        DiskOperationKind.Grow => $"{Disk} grow to {Offset}",
        _ => $"{Disk} {Kind}{(ForceUnitAccess ? " FUA" : "")} {Offset}+{Data.Length}",
    };
}
