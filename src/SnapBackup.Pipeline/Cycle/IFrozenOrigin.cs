using SnapBackup.Blocks;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>File systems that are held still. They thaw by themselves when that takes too long, or the process dies; disposing this thaws them too.</summary>
public interface IFrozenOrigin : IAsyncDisposable
{
    /// <summary>Thaws them.</summary>
    /// <exception cref="SnapBackupException">They had thawed before, because it took too long: what was started meanwhile is not what was wanted.</exception>
    Task ThawAsync();
}
