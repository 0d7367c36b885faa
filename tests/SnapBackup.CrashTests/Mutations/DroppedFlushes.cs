using SnapBackup.Blocks;
using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Mutations;

/// <summary>The engine forgets to flush some of its disks. What it writes with FUA stays durable.</summary>
/// <param name="isMeant">Says of a disk's name whether its flushes are dropped.</param>
internal sealed class DroppedFlushes(Predicate<string> isMeant) : Mutation
{
    public override IReadOnlyDictionary<string, IBlockDevice> Attach(SimulatedMachine machine) => machine.Disks.ToDictionary(
        disk => disk.Key, disk => isMeant(disk.Key) ? new UnflushedDisk(disk.Value) : (IBlockDevice)disk.Value);

    private sealed class UnflushedDisk(SimulatedDisk disk) : PassingDisk(disk)
    {
        public override ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
