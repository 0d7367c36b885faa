namespace SnapBackup.Engine;

/// <summary>Tells which device's logs fill, and how.</summary>
/// <param name="device">The device.</param>
/// <param name="forecast">What it told.</param>
public sealed class DeviceLogForecastEventArgs(SnapDevice device, LogForecastEventArgs forecast) : EventArgs
{
    /// <summary>The device.</summary>
    public SnapDevice Device { get; } = device;

    /// <summary>What it told.</summary>
    public LogForecastEventArgs Forecast { get; } = forecast;
}
