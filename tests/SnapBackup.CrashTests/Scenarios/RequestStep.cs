using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Scenarios;

/// <summary>A request to the origin.</summary>
/// <param name="Lane">As for every step.</param>
/// <param name="Kind">What is asked for.</param>
/// <param name="Offset">Where it starts, in bytes.</param>
/// <param name="Length">How many bytes it covers.</param>
/// <param name="Number">Tells the written bytes from those of every other step.</param>
/// <param name="ForceUnitAccess">Whether it is to be durable when it ends.</param>
internal sealed record RequestStep(int Lane, DiskOperationKind Kind, long Offset, int Length, int Number, bool ForceUnitAccess = false)
    : Step(Lane)
{
    /// <summary>What the range holds afterwards.</summary>
    public byte[] Content => Kind == DiskOperationKind.Write ? TestPattern.Of(Offset, Length, Number) : new byte[Length];

    public override string ToString() => InLane(
        Kind == DiskOperationKind.Flush ? "Flush" : $"{Kind}{(ForceUnitAccess ? "(FUA)" : "")} {Offset}+{Length}");
}
