using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Groups;

/// <summary>Decides what becomes of snapshots in whose group start a crash came: all devices of the group keep theirs, or none does.</summary>
/// <remarks>
/// If one device has confirmed its snapshot, all had stored theirs. If the ring of devices that each names the next is closed among those that have it,
/// all have it. If one that is named has it not, it was not stored everywhere, or it was ended there: the others end theirs. Else a device that is
/// named is not open yet, and nothing is decided.
/// </remarks>
internal static class GroupResolution
{
    /// <summary>Decides what can be decided among some devices, which may be few or all of a group's.</summary>
    public static async Task RunAsync(IReadOnlyList<SnapDevice> devices)
    {
        var groups = devices.SelectMany(UnconfirmedOf).Select(point => point.Group).ToHashSet();
        foreach (var group in groups)
        {
            using var held = await HeldDevices.HoldAsync(InvolvedIn(group, devices), CancellationToken.None).ConfigureAwait(false);
            await ResolveAsync(group, [.. held.Devices.Where(device => !device.IsTornDown)]).ConfigureAwait(false);
        }
    }

    private static async Task ResolveAsync(Guid group, IReadOnlyList<SnapDevice> devices)
    {
        var points = devices.Select(device => PointOf(group, device)).OfType<CatalogPoint>().ToList();
        var unconfirmed = devices.Where(device => PointOf(group, device) is { IsUnconfirmed: true }).ToList();
        var having = devices.Where(device => PointOf(group, device) is not null).Select(SetIdOf).ToHashSet();
        var lacking = devices.Where(device => PointOf(group, device) is null).Select(SetIdOf).ToHashSet();
        if (points.Exists(point => !point.IsUnconfirmed) || points.TrueForAll(point => having.Contains(point.NextInGroup)))
        {
            foreach (var device in unconfirmed)
                await device.LifeCycle.ConfirmAsync(device.GetSnapshot(PointOf(group, device)!.Value.Name)).ConfigureAwait(false);
        }
        else if (points.Exists(point => lacking.Contains(point.NextInGroup)))
        {
            foreach (var device in unconfirmed.Where(device => device.IncompleteRollback is null))
                await device.LifeCycle.EndAsync(PointOf(group, device)!.Value.Name, keepChanges: false).ConfigureAwait(false);
        }
    }

    /// <summary>The devices that have a point of a group, and those that such points name.</summary>
    private static IEnumerable<SnapDevice> InvolvedIn(Guid group, IReadOnlyList<SnapDevice> devices)
    {
        var named = devices.Select(device => PointOf(group, device)?.NextInGroup).ToHashSet();
        return devices.Where(device => PointOf(group, device) is not null || named.Contains(SetIdOf(device)));
    }

    private static Guid SetIdOf(SnapDevice device) => device.Core.Logs.Shape.SetId;

    private static CatalogPoint? PointOf(Guid group, SnapDevice device)
    {
        foreach (var point in device.Core.Catalogs.Current.Points)
        {
            if (point.Group == group)
                return point;
        }

        return null;
    }

    private static IEnumerable<CatalogPoint> UnconfirmedOf(SnapDevice device) =>
        device.Core.Catalogs.Current.Points.Where(point => point.IsUnconfirmed);
}
