using SnapBackup.Kernel.Freezing;
using SnapBackup.Pipeline.Cycle;

namespace SnapBackup.Control.Mounts;

/// <summary>The frozen file systems of a run's device.</summary>
/// <param name="freeze">What holds them.</param>
internal sealed class FrozenOrigin(FileSystemFreeze freeze) : IFrozenOrigin
{
    public Task ThawAsync() => freeze.ThawAsync();

    public ValueTask DisposeAsync() => freeze.DisposeAsync();
}
