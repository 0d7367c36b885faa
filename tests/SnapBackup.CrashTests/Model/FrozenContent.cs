using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Model;

/// <summary>
/// What a snapshot holds. Until its start is acknowledged a write that runs at the same time may be in it or not,
/// each sector on its own.
/// </summary>
internal sealed class FrozenContent(DiskImage content)
{
    private readonly Dictionary<int, List<byte[]>> _alternatives = [];

    /// <summary>The content, but for the sectors that have alternatives.</summary>
    public DiskImage Content { get; } = content;

    public void AddAlternative(int sector, byte[] content)
    {
        if (!_alternatives.TryGetValue(sector, out var list))
            _alternatives.Add(sector, list = []);
        list.Add(content);
    }

    public bool MayHold(int sector, byte[] content) =>
        Content.SectorEquals(sector, content)
        || (_alternatives.TryGetValue(sector, out var list) && list.Any(one => one.AsSpan().SequenceEqual(content)));
}
