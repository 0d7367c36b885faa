namespace SnapBackup.CrashTests.Simulation;

/// <summary>Something that began and perhaps ended; the positions are those of its events in the <see cref="Trace"/>.</summary>
internal abstract class TracedOperation
{
    /// <summary>What <see cref="EndedAt"/> is as long as it has not ended.</summary>
    public const int Never = int.MaxValue;

    public int BeganAt { get; private set; } = Never;

    public int EndedAt { get; private set; } = Never;

    public void BeginAt(int position) => BeganAt = position;

    public void EndAt(int position) => EndedAt = position;
}
