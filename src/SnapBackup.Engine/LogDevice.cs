using SnapBackup.Blocks;

namespace SnapBackup.Engine;

/// <summary>A device that is or becomes a log, and on what terms.</summary>
/// <param name="Device">The device.</param>
internal sealed record LogDevice(IBlockDevice Device)
{
    public string Name => Device.Name;

    /// <summary>Whether what it holds may be lost.</summary>
    public bool MayDiscard { get; init; }

    /// <summary>The size in bytes that it may grow to; null when it is not to grow.</summary>
    public long? GrowTo { get; init; }

    public static IReadOnlyList<LogDevice> Of(IEnumerable<IBlockDevice> devices) => [.. devices.Select(device => new LogDevice(device))];
}
