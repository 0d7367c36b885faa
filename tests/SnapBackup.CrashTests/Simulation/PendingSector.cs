namespace SnapBackup.CrashTests.Simulation;

/// <summary>A sector that was written and is not durable yet.</summary>
/// <param name="Operation">The write, write-zeroes or trim.</param>
/// <param name="Sector">The number of the sector on its disk.</param>
/// <param name="Content">What the sector holds if this is what survives.</param>
internal readonly record struct PendingSector(DiskOperation Operation, int Sector, byte[] Content)
{
    /// <summary>Which sector of its operation this is, from 0.</summary>
    public int Ordinal => Sector - Operation.FirstSector;
}
