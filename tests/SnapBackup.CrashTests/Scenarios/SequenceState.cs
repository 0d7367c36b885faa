using System.Collections.Immutable;
using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Scenarios;

/// <summary>What is there at a point of a sequence, and so what may come next.</summary>
internal sealed record SequenceState(Geometry Geometry)
{
    public ImmutableArray<string> Snapshots { get; init; } = [];

    public ImmutableArray<string> Bookmarks { get; init; } = [];

    public int Started { get; init; }

    public int LogsAdded { get; init; }

    public bool IsTornDown { get; init; }

    /// <summary>Every operation that makes sense now. Requests overlap each other in part, and start and end inside blocks.</summary>
    /// <param name="number">Makes the bytes of a write its own.</param>
    public IEnumerable<Step> Next(int number)
    {
        if (IsTornDown)
            yield break;
        var block = Geometry.BlockSize;
        yield return new RequestStep(0, DiskOperationKind.Write, block - 512, block + 1024, number);
        yield return new RequestStep(0, DiskOperationKind.Write, (2 * block) + 700, 1000, number, ForceUnitAccess: true);
        yield return new RequestStep(0, DiskOperationKind.WriteZeroes, block, 2 * block, number);
        yield return new RequestStep(0, DiskOperationKind.Trim, 2 * block, 3 * block, number);
        yield return new RequestStep(0, DiskOperationKind.Flush, 0, 0, number);
        yield return new ControlStep(0, ControlKind.Start, $"s{Started + 1}");
        foreach (var snapshot in Snapshots)
        {
            yield return new ControlStep(0, ControlKind.End, snapshot);
            yield return new ControlStep(0, ControlKind.EndKeepingChanges, snapshot);
            yield return new ControlStep(0, ControlKind.RollBack, snapshot);
            yield return new OverlayStep(0, snapshot, DiskOperationKind.Write, block - 1000, block + 2000, number);
        }

        foreach (var bookmark in Bookmarks)
            yield return new ControlStep(0, ControlKind.Forget, bookmark);
        if (LogsAdded < Geometry.SpareLogs)
            yield return new ControlStep(0, ControlKind.AddLog, Geometry.Spares[LogsAdded]);
        yield return new ReopenStep();
        yield return new ControlStep(0, ControlKind.TearDown);
    }

    public SequenceState After(Step step) => step is not ControlStep control ? this : control.Kind switch
    {
        ControlKind.Start => this with { Snapshots = Snapshots.Add(control.Name), Started = Started + 1 },
        ControlKind.End => this with { Snapshots = Snapshots.Remove(control.Name) },
        ControlKind.EndKeepingChanges => this with { Snapshots = Snapshots.Remove(control.Name), Bookmarks = Bookmarks.Add(control.Name) },
        ControlKind.Forget => this with { Bookmarks = Bookmarks.Remove(control.Name) },
        ControlKind.AddLog => this with { LogsAdded = LogsAdded + 1 },
        ControlKind.TearDown => this with { IsTornDown = true },
        _ => this,
    };
}
