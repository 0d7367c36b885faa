namespace SnapBackup.CrashTests.Scenarios;

/// <summary>The device is detached in order and opened again.</summary>
internal sealed record ReopenStep() : Step(0)
{
    public override bool IsAlone => true;

    public override string ToString() => "Reopen";
}
