using SnapBackup.Blocks;
using SnapBackup.CrashTests.Scenarios;
using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Mutations;

/// <summary>The engine leaves out some of the writes to its logs.</summary>
/// <param name="isMeant">Says of an offset, a length and options whether the write is dropped.</param>
internal sealed class DroppedWrites(Func<long, int, WriteOptions, bool> isMeant) : Mutation
{
    public override IReadOnlyDictionary<string, IBlockDevice> Attach(SimulatedMachine machine) => machine.Disks.ToDictionary(
        disk => disk.Key, disk => disk.Key == Geometry.Source ? (IBlockDevice)disk.Value : new IncompleteDisk(disk.Value, isMeant));

    private sealed class IncompleteDisk(SimulatedDisk disk, Func<long, int, WriteOptions, bool> isMeant) : PassingDisk(disk)
    {
        public override ValueTask WriteAsync(
            long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
            isMeant(offset, data.Length, options) ? ValueTask.CompletedTask : Disk.WriteAsync(offset, data, options, cancellationToken);
    }
}
