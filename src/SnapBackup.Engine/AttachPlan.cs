using SnapBackup.Engine.Log;
using SnapBackup.Engine.Opening;

namespace SnapBackup.Engine;

/// <summary>What attaching a device would do. To make the plan nothing is changed, and what attaching would refuse for what it finds is refused.</summary>
public sealed record AttachPlan
{
    /// <summary>The device's name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the device would be opened again, with what its logs keep; else it would be set up.</summary>
    public required bool OpensAgain { get; init; }

    /// <summary>The names of the snapshots and bookmarks that would be found again.</summary>
    public required IReadOnlyList<string> Kept { get; init; }

    /// <summary>The paths of the logs that would be created.</summary>
    public required IReadOnlyList<string> Created { get; init; }

    /// <summary>What would be lost, by log.</summary>
    public required IReadOnlyList<LostContent> Lost { get; init; }

    internal static async Task<AttachPlan> MakeAsync(string name, DeviceStorage storage, DeviceSettings settings, CancellationToken cancellationToken)
    {
        SettingsCheck.ThrowIfUnusable(storage.Source);
        var opensAgain = await storage.KeepsSomethingAsync(cancellationToken).ConfigureAwait(false);
        return new AttachPlan
        {
            Name = name,
            OpensAgain = opensAgain,
            Kept = opensAgain ? await FindKeptAsync(name, storage, cancellationToken).ConfigureAwait(false) : [],
            Created = storage.MissingLogs,
            Lost = opensAgain ? [] : await FindLostAsync(storage, settings.BlockSize, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>What would be lost if a device became a log; null when it is blank or a log that keeps nothing.</summary>
    /// <exception cref="EngineException">It cannot become one.</exception>
    internal static async Task<LostContent?> FindLostAsync(LogDevice log, int blockSize, CancellationToken cancellationToken)
    {
        var front = await LogFormatting.InspectAsync(log, blockSize, cancellationToken).ConfigureAwait(false);
        if (front.MayKeepSomething)
            return new LostContent(log.Name, front.Catalog is { } catalog ? [.. catalog.Points.Select(point => point.Name)] : []);
        var isForeign = front.Superblock is null && !await LogFormatting.IsBlankAsync(log.Device, cancellationToken).ConfigureAwait(false);
        return isForeign ? new LostContent(log.Name, [], log.Device.Size) : null;
    }

    private static async Task<IReadOnlyList<string>> FindKeptAsync(string name, DeviceStorage storage, CancellationToken cancellationToken)
    {
        storage.ThrowIfLogIsMissing();
        var fronts = new List<LogFront>();
        foreach (var log in storage.Logs)
            fronts.Add(await LogFront.ReadAsync(log.Device, cancellationToken).ConfigureAwait(false));
        return [.. LogSetCheck.Verify(name, storage.Source, fronts).Catalog.Points.Select(point => point.Name)];
    }

    private static async Task<IReadOnlyList<LostContent>> FindLostAsync(DeviceStorage storage, int blockSize, CancellationToken cancellationToken)
    {
        var lost = new List<LostContent>();
        foreach (var log in storage.Logs)
        {
            if (await FindLostAsync(log, blockSize, cancellationToken).ConfigureAwait(false) is { } content)
                lost.Add(content);
        }

        return lost;
    }
}
