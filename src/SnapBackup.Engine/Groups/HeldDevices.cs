namespace SnapBackup.Engine.Groups;

/// <summary>Devices on which no other operation runs until this is disposed.</summary>
/// <remarks>
/// Invariant: whoever holds several devices has taken them in one order, by name and then by set id, so that two who want the same never wait
/// for each other.
/// </remarks>
internal sealed class HeldDevices : IDisposable
{
    private readonly List<SnapDevice> _devices = [];

    private HeldDevices()
    {
    }

    /// <summary>The devices in the order in which they were taken.</summary>
    public IReadOnlyList<SnapDevice> Devices => _devices;

    public static async Task<HeldDevices> HoldAsync(IEnumerable<SnapDevice> devices, CancellationToken cancellationToken)
    {
        var held = new HeldDevices();
        try
        {
            foreach (var device in devices.OrderBy(device => device.Name, StringComparer.Ordinal).ThenBy(device => device.Core.Logs.Shape.SetId))
            {
                await device.Operation.WaitAsync(cancellationToken).ConfigureAwait(false);
                held._devices.Add(device);
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var device in _devices)
            device.Operation.Release();
    }
}
