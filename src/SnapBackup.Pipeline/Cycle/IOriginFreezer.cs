using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>Holds the file systems still that this machine has mounted from the origins of devices.</summary>
public interface IOriginFreezer
{
    /// <summary>Freezes what is mounted from a device's origin, which may be nothing.</summary>
    /// <param name="device">The device.</param>
    /// <param name="needed">Paths that must stay writable meanwhile, besides those of the devices themselves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What thaws it; the caller disposes it.</returns>
    /// <exception cref="SnapBackupException">It cannot be frozen; then nothing is.</exception>
    Task<IFrozenOrigin> FreezeAsync(SnapDevice device, IReadOnlyList<string> needed, CancellationToken cancellationToken);
}
