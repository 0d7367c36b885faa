using SnapBackup.Blocks;
using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Mutations;

/// <summary>
/// A fault that is put between the engine and the disks on purpose, so that the engine behaves as if it had a bug: a test that
/// does not find it is not to be trusted.
/// </summary>
internal abstract class Mutation
{
    public static Mutation None { get; } = new Nothing();

    /// <summary>The disks as the engine is given them.</summary>
    public virtual IReadOnlyDictionary<string, IBlockDevice> Attach(SimulatedMachine machine) =>
        machine.Disks.ToDictionary(disk => disk.Key, disk => (IBlockDevice)disk.Value);

    /// <summary>Changes what the next machine finds on its disks.</summary>
    public virtual void Tamper(IReadOnlyDictionary<string, DiskImage> images)
    {
    }

    private sealed class Nothing : Mutation;
}
