namespace SnapBackup.Engine;

/// <summary>What a snap device is set up from, or opened again.</summary>
public sealed record SnapDeviceOptions : DeviceSettings
{
    /// <summary>Its name; left out, the first free of <c>snap0</c>, <c>snap1</c>, …</summary>
    public string? Name { get; init; }

    /// <summary>The path of the disk image or block device to protect. It is opened for exclusive use.</summary>
    public required string Source { get; init; }

    /// <summary>1 to <see cref="DeviceSettings.MaxLogs"/> logs. A new device fills them in this order; an old one knows its order.</summary>
    public required IReadOnlyList<LogOptions> Logs { get; init; }
}
