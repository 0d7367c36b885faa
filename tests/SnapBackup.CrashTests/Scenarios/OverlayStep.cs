using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Scenarios;

/// <summary>A request to a private writable overlay of a snapshot, which is opened by the first one.</summary>
/// <param name="Lane">As for every step.</param>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Kind">What is asked for.</param>
/// <param name="Offset">Where it starts, in bytes.</param>
/// <param name="Length">How many bytes it covers.</param>
/// <param name="Number">Tells the written bytes from those of every other step.</param>
internal sealed record OverlayStep(int Lane, string Snapshot, DiskOperationKind Kind, long Offset, int Length, int Number) : Step(Lane)
{
    /// <summary>What the range holds afterwards.</summary>
    public byte[] Content => Kind == DiskOperationKind.Write ? TestPattern.Of(Offset, Length, Number) : new byte[Length];

    public override string ToString() => InLane($"Overlay{Kind} {Snapshot} {Offset}+{Length}");
}
