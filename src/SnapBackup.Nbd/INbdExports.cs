using SnapBackup.Blocks;

namespace SnapBackup.Nbd;

/// <summary>What a server offers. It may change at any time; the server asks anew for each client.</summary>
/// <remarks>Called from several connections' threads at once. Both may take a while: only the asking client waits.</remarks>
public interface INbdExports
{
    /// <summary>The exports there are now. If there is exactly one, it is also the one with the empty name.</summary>
    IReadOnlyList<NbdExport> List();

    /// <summary>Opens an export for one connection, which disposes the handle when it ends.</summary>
    /// <param name="name">Its name; may be one that was never listed.</param>
    /// <returns>A handle of the caller's own, or null when there is no such export.</returns>
    /// <exception cref="SnapBackupException">It exists and cannot be opened; the client is told the message.</exception>
    IBlockDevice? TryOpen(string name);
}
