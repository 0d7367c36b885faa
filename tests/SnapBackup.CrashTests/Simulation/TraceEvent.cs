namespace SnapBackup.CrashTests.Simulation;

/// <summary>That an operation began, or that it ended.</summary>
internal readonly record struct TraceEvent(TracedOperation Operation, bool IsEnd)
{
    public override string ToString() => IsEnd ? $"{Operation} done" : $"{Operation}";
}
