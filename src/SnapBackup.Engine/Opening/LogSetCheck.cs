using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Opening;

/// <summary>The logs of one device, verified to be all of them and to belong to its source.</summary>
internal sealed class LogSetCheck
{
    private LogSetCheck(LogSetShape shape, Catalog catalog, IReadOnlyList<LogFront> logs, IReadOnlyList<LogFront> neverAdded)
    {
        NeverAdded = neverAdded;
        Shape = shape;
        Catalog = catalog;
        Logs = logs;
    }

    public LogSetShape Shape { get; }

    /// <summary>The newest catalog of all logs.</summary>
    public Catalog Catalog { get; }

    /// <summary>The logs in the order of their numbers.</summary>
    public IReadOnlyList<LogFront> Logs { get; }

    /// <summary>Logs that were to be added to the device when it crashed, and never were: they hold nothing.</summary>
    public IReadOnlyList<LogFront> NeverAdded { get; }

    /// <summary>
    /// Whether a log stands as it did some time ago: each change of the catalog goes to all logs that work, so they differ by one at the most.
    /// </summary>
    public bool HasStaleLog => Logs.Any(front => front.IsCounted
        && !Catalog.FailedLogs.Contains(front.Superblock!.Value.LogNumber) && (front.Catalog is null || front.Catalog.Generation + 1 < Catalog.Generation));

    /// <summary>The numbers of the logs that a crash has left with an older catalog.</summary>
    public IEnumerable<int> Behind => Logs
        .Where(front => front.Catalog is null || front.Catalog.Generation < Catalog.Generation)
        .Select(front => (int)front.Superblock!.Value.LogNumber);

    /// <summary>Verifies what was given.</summary>
    /// <exception cref="EngineException">Something given is no log, is of another device, or one is missing.</exception>
    public static LogSetCheck Verify(string name, IBlockDevice source, IReadOnlyList<LogFront> fronts)
    {
        foreach (var front in fronts)
            ThrowIfUnusable(front);
        var first = fronts[0].Superblock!.Value;
        foreach (var front in fronts)
        {
            if (front.Superblock!.Value.SetId != first.SetId)
            {
                throw new EngineException(
                    EngineError.LogOfAnotherDevice,
                    $"{front.Device.Name}: it is a log of another device than {fronts[0].Device.Name}. Give the logs that the device was set up with.");
            }
        }

        var catalog = fronts.Where(front => front.IsCounted).Select(front => front.Catalog).OfType<Catalog>().MaxBy(found => found.Generation)
            ?? throw NoCatalog(name, fronts);
        var byMembership = fronts.ToLookup(front => IsMember(front, catalog));
        var members = byMembership[true].ToList();
        if (members.GroupBy(front => front.Superblock!.Value.LogNumber).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
        {
            throw new EngineException(
                EngineError.LogSharesStorage,
                $"{twice.Last().Device.Name}: it is the same log as {twice.First().Device.Name}, or a copy of it. Give each log once.");
        }

        if (first.SourceSize != source.Size)
        {
            throw new EngineException(
                EngineError.SourceMismatch,
                $"{source.Name}: it has {new ByteSize(source.Size)}; the logs are those of a source of {new ByteSize(first.SourceSize)}. Give the right source, or "
                + "set the device up anew and let the logs' content be discarded.");
        }

        var shape = new LogSetShape(first.SetId, first.BlockSize, first.ChangeGranularity, first.SourceSize, catalog.IsVolatile);
        return new LogSetCheck(shape, catalog, InOrder(name, members, catalog, byMembership[false]), [.. byMembership[false]]);
    }

    /// <summary>
    /// Whether a log is one of the device's: the newest catalog counts it, and so does its own, unless the device crashed between the two.
    /// </summary>
    private static bool IsMember(LogFront front, Catalog newest) => front.Superblock!.Value.LogNumber < newest.LogCount
        && (front.IsCounted || front.Catalog?.LastAdded == newest.LastAdded);

    private static void ThrowIfUnusable(LogFront front)
    {
        var name = front.Device.Name;
        if (front.Device.IsReadOnly)
            throw new EngineException(EngineError.LogReadOnly, $"{name}: a log must be writable.");
        if (front is not { IsLog: true, Superblock: { } superblock })
        {
            throw new EngineException(
                EngineError.LogOfAnotherDevice, $"{name}: it is not a SnapBackup log that can be opened. Give the logs that the device was set up with, or set it up anew.");
        }

        var size = LogLayout.SegmentsOffset + (superblock.SegmentCount * superblock.SegmentSize);
        if (front.Device.Size < size)
        {
            throw new EngineException(
                EngineError.LogSizeMismatch,
                $"{name}: it has {new ByteSize(front.Device.Size)} and should have at least {new ByteSize(size)}, so part of the log is gone. If it cannot "
                + "be brought back, so are the snapshots: set the device up anew and let the logs' content be discarded.");
        }
    }

    private static List<LogFront> InOrder(string name, List<LogFront> members, Catalog catalog, IEnumerable<LogFront> others)
    {
        var ordered = new List<LogFront>(catalog.LogCount);
        for (var number = 0; number < catalog.LogCount; number++)
        {
            if (members.Find(front => front.Superblock!.Value.LogNumber == number) is { } member)
                ordered.Add(member);
            else if (catalog.Generation == Catalog.FirstGeneration && others.FirstOrDefault(front => front.IsOfUnfinishedSetUp) is { } unfinished)
                throw SetUpUnfinished(name, unfinished);
            else
                throw Missing(name, number, catalog.LogCount);
        }

        return ordered;
    }

    private static EngineException Missing(string name, int number, int count) => new(
        EngineError.LogMissing,
        $"{name}: log number {number} of {count} was not given, and without it no snapshot can be believed. Give all logs. If it is lost, so are the "
        + "snapshots: set the device up anew and let the content of the others be discarded.");

    private static EngineException NoCatalog(string name, IReadOnlyList<LogFront> fronts)
    {
        if (fronts.FirstOrDefault(front => front.IsOfUnfinishedSetUp) is { } unfinished)
            return SetUpUnfinished(name, unfinished);
        return fronts.Any(front => front.HasLostVolatileCatalog)
            ? new EngineException(
                EngineError.NothingKept,
                $"{name}: its logs are volatile and a crash came while it was in use, so nothing is kept. Set it up anew.")
            : new EngineException(
                EngineError.LogCorrupt,
                $"{name}: its logs have lost their catalogs, so it cannot be told which snapshots they keep. Set it up anew and let the logs' content be discarded.");
    }

    private static EngineException SetUpUnfinished(string name, LogFront log) => new(
        EngineError.NothingKept, $"{name}: its set-up was interrupted before {log.Device.Name} was a log, so nothing is kept. Set it up anew.");
}
