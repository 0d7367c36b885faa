using SnapBackup.Blocks;

namespace SnapBackup.Nbd.Negotiation;

/// <summary>Finds exports by the names clients use, among them the empty one.</summary>
internal sealed class ExportCatalog(INbdExports exports)
{
    public IReadOnlyList<NbdExport> List() => exports.List();

    /// <summary>The export meant by a name: the empty one means the only export there is, if none is called so.</summary>
    public NbdExport Resolve(string name)
    {
        var list = exports.List();
        foreach (var export in list)
        {
            if (string.Equals(export.Name, name, StringComparison.Ordinal))
                return export;
        }

        return name.Length == 0 && list.Count == 1 ? list[0] : new NbdExport(name, "");
    }

    /// <summary>Says that there is no export of a name.</summary>
    public static string Unknown(string name) => $"There is no export named '{name}'. Ask for the list of exports.";

    /// <inheritdoc cref="INbdExports.ListPoints"/>
    public IReadOnlyList<string>? ListPoints(string export) => exports.ListPoints(export);

    /// <inheritdoc cref="INbdExports.GetChanges"/>
    public IReadOnlyList<NbdChange> GetChanges(string export, string point) => exports.GetChanges(export, point);

    /// <summary>Opens a resolved export; the caller disposes it.</summary>
    /// <exception cref="SnapBackupException">There is none of the name (<see cref="NbdError.UnknownExport"/>), or it cannot be opened.</exception>
    public IBlockDevice Open(string name) => exports.TryOpen(name)
        ?? throw new NbdException(NbdError.UnknownExport, Unknown(name));
}
