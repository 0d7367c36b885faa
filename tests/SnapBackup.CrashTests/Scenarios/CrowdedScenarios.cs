using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Scenarios;

/// <summary>
/// Short runs on a log that two snapshots have all but filled: writers who find no room there meet whoever ends, starts or keeps something at the
/// same time.
/// </summary>
internal static class CrowdedScenarios
{
    private const int Block = 4096;

    /// <summary>What fills two of the log's four segments but for a block or two.</summary>
    private const int Filling = 26;

    private static readonly Geometry FourSegments = Sequences.SmallGeometry with { LogSizes = [(72 + (4 * 64)) << 10], SourceSize = 64 * Block };

    public static Scenario Create(int seed)
    {
        var random = new Random(seed);
        Step[] full = [Start("s1"), Write(0, 0, Filling), Start("s2"), Write(0, 0, Filling), new ReopenStep()];
        var writers = random.Next(1, 3);
        var writes = Enumerable.Range(0, random.Next(2, 8)).Select(i => Write(1 + (i % writers), Filling + i, 1));
        var controls = Controls(random).Take(random.Next(1, 3));
        return new Scenario(FourSegments, [.. full, .. writes, .. controls], seed) { IsVaried = true };

        RequestStep Write(int lane, int block, int blocks) => new(lane, DiskOperationKind.Write, (long)block * Block, blocks * Block, random.Next());
    }

    /// <summary>What one who runs beside the writers does.</summary>
    private static ControlStep[] Controls(Random random)
    {
        ControlStep[] all =
        [
            Beside(ControlKind.End, "s1"), Beside(ControlKind.End, "s2"), Beside(ControlKind.EndKeepingChanges, "s1"), Beside(ControlKind.AddLog, "log1"), Beside(ControlKind.Start, "s3"),
        ];
        random.Shuffle(all);
        return all;
    }

    private static ControlStep Beside(ControlKind kind, string name) => new(3, kind, name);

    private static ControlStep Start(string name) => new(0, ControlKind.Start, name);
}
