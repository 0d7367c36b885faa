namespace SnapBackup.Engine.Tests;

/// <summary>What a check told of its progress, at once and in order.</summary>
internal sealed class CollectedProgress : IProgress<CheckProgress>
{
    public List<CheckProgress> Told { get; } = [];

    public Action<CheckProgress>? OnReport { get; init; }

    public void Report(CheckProgress value)
    {
        Told.Add(value);
        OnReport?.Invoke(value);
    }
}
