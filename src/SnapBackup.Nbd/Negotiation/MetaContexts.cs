using SnapBackup.Blocks;

namespace SnapBackup.Nbd.Negotiation;

/// <summary>
/// The contexts of which a client may ask the status: <c>base:allocation</c>, and <c>qemu:dirty-bitmap:</c> with the name of a point in time, which
/// QEMU and the backup tools for it know. A client chooses them before it opens the export, and its last choice counts.
/// </summary>
internal sealed class MetaContexts(ExportCatalog exports)
{
    private const string Allocation = "base:allocation";
    private const string DirtyBitmap = "qemu:dirty-bitmap:";

    /// <summary>What LIST may ask for by its beginning: a namespace, or the part of it that there is.</summary>
    private static readonly string[] Beginnings = ["base:", "qemu:", DirtyBitmap];

    private string? _export;
    private List<Choice> _chosen = [];

    /// <summary>The names of contexts that there are for an export, and that one of the queries means.</summary>
    /// <param name="export">A resolved export.</param>
    /// <param name="queries">Names or beginnings; none means all.</param>
    /// <exception cref="SnapBackupException"><see cref="NbdError.UnknownExport"/>.</exception>
    public IReadOnlyList<string> List(string export, IReadOnlyList<string> queries) =>
        [.. All(export).Where(context => queries.Count == 0 || queries.Any(query => Means(query, context)))];

    /// <summary>Chooses contexts; what was chosen before is forgotten.</summary>
    /// <param name="export">A resolved export.</param>
    /// <param name="queries">Names; those that are none are passed over.</param>
    /// <returns>The numbers and names of those chosen.</returns>
    /// <exception cref="SnapBackupException">There is no such export, or one of them cannot be told; nothing is chosen then.</exception>
    public IReadOnlyList<(uint Number, string Name)> Choose(string export, IReadOnlyList<string> queries)
    {
        Forget();
        var names = All(export).Where(queries.Contains).ToList();
        _chosen = [.. names.Select((name, at) => new Choice((uint)at + 1, name, ChangesOf(export, name)))];
        _export = export;
        return [.. _chosen.Select(choice => (choice.Number, choice.Name))];
    }

    /// <summary>Forgets what was chosen.</summary>
    public void Forget() => (_export, _chosen) = (null, []);

    /// <summary>What was chosen for the export that is opened now.</summary>
    public IReadOnlyList<StatusContext> Of(string export, IBlockDevice device) => string.Equals(export, _export, StringComparison.Ordinal)
        ? [.. _chosen.Select(choice => new StatusContext(
            choice.Number, choice.Changes is { } changes ? new ChangeStatus(changes) : new AllocationStatus(device)))]
        : [];

    private IEnumerable<string> All(string export)
    {
        var points = exports.ListPoints(export) ?? throw new NbdException(NbdError.UnknownExport, ExportCatalog.Unknown(export));
        return points.Select(point => DirtyBitmap + point).Prepend(Allocation);
    }

    private static bool Means(string query, string context) => string.Equals(query, context, StringComparison.Ordinal)
        || (Beginnings.Contains(query) && context.StartsWith(query, StringComparison.Ordinal));

    private IReadOnlyList<NbdChange>? ChangesOf(string export, string context) => context.StartsWith(DirtyBitmap, StringComparison.Ordinal)
        ? exports.GetChanges(export, context[DirtyBitmap.Length..])
        : null;

    /// <param name="Number">What replies call it.</param>
    /// <param name="Name">What the client calls it.</param>
    /// <param name="Changes">Those it tells; null for the allocation.</param>
    private sealed record Choice(uint Number, string Name, IReadOnlyList<NbdChange>? Changes);
}
