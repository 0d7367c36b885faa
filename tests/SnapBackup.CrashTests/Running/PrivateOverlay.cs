using SnapBackup.Blocks;
using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Scenarios;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine;

namespace SnapBackup.CrashTests.Running;

/// <summary>A writable overlay of a snapshot, and what it must hold: the snapshot, with what was written to the overlay over it.</summary>
internal sealed class PrivateOverlay : IAsyncDisposable
{
    private readonly Snapshot _snapshot;
    private readonly IBlockDevice _device;
    private readonly DiskImage _expected;

    private PrivateOverlay(Snapshot snapshot, IBlockDevice device, DiskImage expected)
    {
        _snapshot = snapshot;
        _device = device;
        _expected = expected;
    }

    /// <summary>Opens one over what a snapshot holds.</summary>
    public static async Task<PrivateOverlay> OpenAsync(Snapshot snapshot)
    {
        await using var content = snapshot.Open();
        return new PrivateOverlay(snapshot, snapshot.OpenWritable(), await DeviceContent.ReadAsync(content));
    }

    public async Task RunAsync(OverlayStep step)
    {
        await (step.Kind switch
        {
            DiskOperationKind.Write => _device.WriteAsync(step.Offset, step.Content),
            DiskOperationKind.WriteZeroes => _device.WriteZeroesAsync(step.Offset, step.Length),
            _ => _device.TrimAsync(step.Offset, step.Length),
        });
        _expected.Write(step.Offset, step.Content);
    }

    /// <summary>Reads it; null when its snapshot is not kept any more.</summary>
    public async Task<FoundOverlay?> InspectAsync()
    {
        try
        {
            return new FoundOverlay(_snapshot.Name, await DeviceContent.ReadAsync(_device), _expected);
        }
        catch (EngineException) when (_snapshot.State != SnapshotState.Active)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync() => _device.DisposeAsync();
}
