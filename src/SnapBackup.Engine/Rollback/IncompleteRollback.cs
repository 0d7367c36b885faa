using SnapBackup.Engine.Catalogs;

namespace SnapBackup.Engine.Rollback;

/// <summary>
/// A rollback that was begun and is not finished. The source is a mix of before and after then, so nobody may use it; all snapshots are as
/// exact as ever.
/// </summary>
internal static class IncompleteRollback
{
    /// <summary>The name of the snapshot it goes to; null when there is none.</summary>
    public static string? NameOf(Catalog catalog)
    {
        foreach (var point in catalog.Points)
        {
            if (point.Id == catalog.RollbackTarget)
                return point.Name;
        }

        return null;
    }

    /// <exception cref="EngineException"><see cref="EngineError.RollbackIncomplete"/>.</exception>
    public static void ThrowIfAny(DeviceCore core)
    {
        if (core.Catalogs.Current.RollbackTarget != Guid.Empty)
            throw Error(core, null);
    }

    /// <summary>Says that there is one.</summary>
    /// <param name="core">The device.</param>
    /// <param name="failure">Why it could not be finished, if that was tried.</param>
    public static EngineException Error(DeviceCore core, Exception? failure) => new(
        EngineError.RollbackIncomplete,
        $"{core.Name}: the rollback to '{NameOf(core.Catalogs.Current)}' was not finished{(failure is null ? "" : $": {failure.Message.TrimEnd('.')}")}. The source is partly as it was "
        + "and partly as the snapshot, so the origin is closed. Roll back again, to this or another snapshot, or abandon the rollback to use the source as it is and to restore an archive to it.",
        failure);
}
