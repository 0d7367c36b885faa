using SnapBackup.Blocks;
using SnapBackup.CrashTests.Scenarios;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.CrashTests.Mutations;

/// <summary>
/// The engine changes the source first and preserves the old block afterwards: what is written to a segment of a log is held back,
/// with the flush that follows, until the source has been changed once.
/// </summary>
internal sealed class SwappedWrites : Mutation
{
    public override IReadOnlyDictionary<string, IBlockDevice> Attach(SimulatedMachine machine)
    {
        var held = new List<Func<ValueTask>>();
        return machine.Disks.ToDictionary(
            disk => disk.Key,
            disk => disk.Key == Geometry.Source ? new FirstDisk(disk.Value, held) : (IBlockDevice)new HeldDisk(disk.Value, held));
    }

    private static async ValueTask ReleaseAsync(List<Func<ValueTask>> held)
    {
        var requests = held.ToList();
        held.Clear();
        foreach (var request in requests)
            await request();
    }

    private sealed class FirstDisk(SimulatedDisk source, List<Func<ValueTask>> held) : PassingDisk(source)
    {
        public override async ValueTask WriteAsync(
            long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
        {
            await Disk.WriteAsync(offset, data, options, cancellationToken);
            await ReleaseAsync(held);
        }

        public override async ValueTask WriteZeroesAsync(
            long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
        {
            await Disk.WriteZeroesAsync(offset, length, options, cancellationToken);
            await ReleaseAsync(held);
        }

        public override async ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default)
        {
            await Disk.TrimAsync(offset, length, cancellationToken);
            await ReleaseAsync(held);
        }
    }

    /// <summary>A log; whoever reads it, or writes anything but a segment, gets all that was held first.</summary>
    private sealed class HeldDisk(SimulatedDisk log, List<Func<ValueTask>> held) : PassingDisk(log)
    {
        public override async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await ReleaseAsync(held);
            await Disk.ReadAsync(offset, buffer, cancellationToken);
        }

        public override async ValueTask WriteAsync(
            long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
        {
            var copy = data.ToArray();
            if (offset < LogLayout.SegmentsOffset)
                await ReleaseAsync(held);
            held.Add(() => Disk.WriteAsync(offset, copy, options, CancellationToken.None));
            if (offset < LogLayout.SegmentsOffset)
                await ReleaseAsync(held);
        }

        public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
        {
            if (held.Count == 0)
                await Disk.FlushAsync(cancellationToken);
            else
                held.Add(() => Disk.FlushAsync(CancellationToken.None));
        }

        public override async ValueTask DisposeAsync()
        {
            await ReleaseAsync(held);
            await base.DisposeAsync();
        }
    }
}
