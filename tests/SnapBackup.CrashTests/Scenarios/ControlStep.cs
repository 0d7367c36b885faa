using SnapBackup.CrashTests.Model;

namespace SnapBackup.CrashTests.Scenarios;

/// <summary>A control operation.</summary>
/// <param name="Lane">As for every step.</param>
/// <param name="Kind">Which.</param>
/// <param name="Name">The snapshot, bookmark or log it is about.</param>
internal sealed record ControlStep(int Lane, ControlKind Kind, string Name = "") : Step(Lane)
{
    public override bool IsAlone => Kind is ControlKind.RollBack or ControlKind.TearDown;

    public override string ToString() => InLane($"{Kind} {Name}".TrimEnd());
}
