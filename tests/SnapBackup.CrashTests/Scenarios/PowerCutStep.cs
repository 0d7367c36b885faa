namespace SnapBackup.CrashTests.Scenarios;

/// <summary>The power is cut at some instant since it last came on, mostly once the device was open; the device is then opened and the scenario goes on.</summary>
/// <param name="Seed">Chooses the instant and what survives.</param>
internal sealed record PowerCutStep(int Seed) : Step(0)
{
    public override bool IsAlone => true;

    public override string ToString() => $"PowerCut {Seed}";
}
