using SnapBackup.Blocks;

namespace SnapBackup.Nbd;

/// <summary>What a server offers. It may change at any time; the server asks anew for each client.</summary>
/// <remarks>Called from several connections' threads at once. All may take a while: only the asking client waits.</remarks>
public interface INbdExports
{
    /// <summary>The exports there are now. If there is exactly one, it is also the one with the empty name.</summary>
    IReadOnlyList<NbdExport> List();

    /// <summary>Opens an export for one connection, which disposes the handle when it ends.</summary>
    /// <param name="name">Its name; may be one that was never listed.</param>
    /// <returns>A handle of the caller's own, or null when there is no such export.</returns>
    /// <exception cref="SnapBackupException">It exists and cannot be opened; the client is told the message.</exception>
    IBlockDevice? TryOpen(string name);

    /// <summary>
    /// The points in time since which the changes of an export can be told. Clients know them as <c>qemu:dirty-bitmap:</c> and the name.
    /// </summary>
    /// <param name="export">The export's name; may be one that was never listed.</param>
    /// <returns>Names, unique in the export; null when there is no such export.</returns>
    IReadOnlyList<string>? ListPoints(string export);

    /// <summary>What may have changed of an export since a point in time: up to its own point, or up to now if it can be written.</summary>
    /// <param name="export">The export's name.</param>
    /// <param name="point">One of <see cref="ListPoints"/>.</param>
    /// <returns>In ascending order, not overlapping.</returns>
    /// <exception cref="SnapBackupException">It cannot be told any more; the client is told the message.</exception>
    IReadOnlyList<NbdChange> GetChanges(string export, string point);
}
