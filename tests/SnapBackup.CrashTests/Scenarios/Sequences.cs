using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine;

namespace SnapBackup.CrashTests.Scenarios;

/// <summary>
/// Every sequence of a few operations, after each of some prologues that bring the device into a state worth disturbing.
/// </summary>
internal static class Sequences
{
    private const int Block = 4096;

    /// <summary>The device the sequences are tried on: two logs of some segments that are filled in turn and never full, and a last block that is not whole.</summary>
    public static Geometry Geometry { get; } = new()
    {
        SourceSize = (16 * Block) + 1536,
        LogSizes = [768 << 10, 736 << 10],
        SpareLogSize = 512 << 10,
        BlockSize = Block,
        ChangeGranularity = 2 * Block,
        Allocation = LogAllocation.Striped,
    };

    /// <summary>The same with a log of three segments, which soon are full: then the oldest snapshot is ended.</summary>
    public static Geometry SmallGeometry { get; } = Geometry with { LogSizes = [(72 + (3 * 64)) << 10], MayBreak = true };

    /// <summary>What precedes the sequences.</summary>
    public static IReadOnlyList<Scenario> Prologues { get; } =
    [
        new(Geometry, [], 0),
        new(Geometry, [Start("s1"), Write(1, 2), Write(8, 1)], 0),
        new(Geometry, [Write(0, 3), Start("s1"), Write(1, 2), Flush, Start("s2"), Write(2, 2), Write(15, 2)], 0),
        new(Geometry, [Start("s1"), Write(1, 2), EndKeepingChanges("s1"), Write(2, 1)], 0),
        new(Geometry, [Start("s1"), Write(3, 1), EndKeepingChanges("s1"), Start("s2"), Write(1, 2), new ReopenStep(), Write(2, 2)], 0),
        new(Geometry, [Start("s1"), Write(1, 2), Flush, new PowerCutStep(1), Start("s2"), Write(0, 2)], 0),
        new(SmallGeometry, [Start("s1"), Write(0, 10), Start("s2"), Write(0, 10), Flush, Start("s3"), Write(6, 10)], 0),
    ];

    /// <summary>All sequences of a length.</summary>
    public static IEnumerable<Scenario> OfLength(int length, int seed) => Prologues.SelectMany(
        prologue => Extend(prologue.Steps, After(prologue), length).Select(steps => new Scenario(prologue.Geometry, steps, seed)));

    private static IEnumerable<IReadOnlyList<Step>> Extend(IReadOnlyList<Step> steps, SequenceState state, int length) => length == 0
        ? [steps]
        : state.Next(steps.Count + 1).SelectMany(step => Extend([.. steps, step], state.After(step), length - 1));

    private static SequenceState After(Scenario prologue) =>
        prologue.Steps.Aggregate(new SequenceState(prologue.Geometry), (state, step) => state.After(step));

    private static RequestStep Flush => new(0, DiskOperationKind.Flush, 0, 0, 0);

    /// <summary>A write of whole blocks but for one sector at either end; the last block of the device ends early.</summary>
    private static RequestStep Write(int block, int blocks)
    {
        var start = ((long)block * Block) + 512;
        return new(0, DiskOperationKind.Write, start, (int)(Math.Min((block + blocks) * Block, Geometry.SourceSize) - start - 512), 1000 + block);
    }

    private static ControlStep Start(string name) => new(0, ControlKind.Start, name);

    private static ControlStep EndKeepingChanges(string name) => new(0, ControlKind.EndKeepingChanges, name);
}
