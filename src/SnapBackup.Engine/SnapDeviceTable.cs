using SnapBackup.Blocks;
using SnapBackup.Engine.Groups;

namespace SnapBackup.Engine;

/// <summary>The snap devices of one process, by name. Disposing it lets go of all that are left, by force; their snapshots are kept.</summary>
/// <param name="limit">How many there can be at once.</param>
public sealed class SnapDeviceTable(int limit = SnapDeviceTable.DefaultLimit) : IAsyncDisposable
{
    /// <summary>How many devices there can be unless another number is asked for.</summary>
    public const int DefaultLimit = 256;

    /// <summary>Held while the set of devices changes; a device's own operations take their own locks inside it.</summary>
    private readonly SemaphoreSlim _change = new(1, 1);
    private volatile IReadOnlyDictionary<string, SnapDevice> _devices = new Dictionary<string, SnapDevice>(StringComparer.Ordinal);

    /// <summary>Raised when one of the devices raises <see cref="SnapDevice.LogFilling"/>, as that is.</summary>
    public event EventHandler<DeviceLogForecastEventArgs>? LogFilling;

    /// <summary>All devices, by name.</summary>
    public IReadOnlyList<SnapDevice> Devices => [.. _devices.Values.OrderBy(device => device.Name, StringComparer.Ordinal)];

    /// <summary>Sets a device up and keeps it under its name.</summary>
    /// <param name="options">What from; without a name it gets the first free of <c>snap0</c>, <c>snap1</c>, …</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">The name is taken, there are too many, or something given cannot be used.</exception>
    public Task<SnapDevice> SetUpAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default) =>
        AddAsync(options, SnapDevice.SetUpAsync, cancellationToken);

    /// <summary>Opens a device again if its logs keep snapshots or bookmarks, else sets it up, and keeps it under its name.</summary>
    /// <inheritdoc cref="SetUpAsync" path="/param"/>
    /// <inheritdoc cref="SetUpAsync" path="/exception"/>
    public Task<SnapDevice> AttachAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default) =>
        AddAsync(options, SnapDevice.AttachAsync, cancellationToken);

    /// <summary>Tells what <see cref="AttachAsync"/> would do. Nothing is changed.</summary>
    /// <param name="options">What from; without a name it would get the first free one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <inheritdoc cref="SetUpAsync" path="/exception"/>
    public Task<AttachPlan> PlanAttachAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default)
    {
        var name = options.Name ?? FirstFreeName();
        RefuseWhatIsTaken(name, options.Source);
        return SnapDevice.PlanAttachAsync(options with { Name = name }, cancellationToken);
    }

    /// <summary>The device of that name; null when there is none.</summary>
    /// <param name="name">The name.</param>
    public SnapDevice? Find(string name) => _devices.GetValueOrDefault(name);

    /// <summary>The device that has what stands at this path as its source, whatever path it was set up with; null when there is none.</summary>
    /// <param name="path">The path of a file or block device.</param>
    public SnapDevice? FindBySource(string path) => FileIdentity.Of(path) is { } identity
        ? _devices.Values.FirstOrDefault(device => device.SourceIdentity == identity)
        : null;

    /// <summary>The device of that name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="EngineException"><see cref="EngineError.DeviceNotFound"/>, naming those there are.</exception>
    public SnapDevice Get(string name) => Find(name) ?? throw new EngineException(
        EngineError.DeviceNotFound,
        _devices.Count == 0
            ? $"{name}: no such device; none is set up."
            : $"{name}: no such device. There are: {string.Join(", ", Devices.Select(device => device.Name))}.");

    /// <summary>Tears a device down and forgets it: its snapshots are ended, its bookmarks gone.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="force">Whether to do so although someone has it open.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">There is none of that name, or it is in use.</exception>
    public Task TearDownAsync(string name, bool force = false, CancellationToken cancellationToken = default) =>
        RemoveAsync(name, device => device.TearDownAsync(force, cancellationToken), cancellationToken);

    /// <summary>Lets a device go and forgets it; its snapshots and bookmarks stay on its logs for <see cref="AttachAsync"/>.</summary>
    /// <inheritdoc cref="TearDownAsync" path="/param"/>
    /// <inheritdoc cref="TearDownAsync" path="/exception"/>
    public Task ReleaseAsync(string name, bool force = false, CancellationToken cancellationToken = default) => RemoveAsync(
        name,
        async device =>
        {
            if (!force)
                device.ThrowIfOpen();
            await device.DisposeAsync().ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Lets go of all devices, by force; their snapshots and bookmarks stay on their logs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _change.WaitAsync().ConfigureAwait(false);
        try
        {
            var failures = new List<Exception>();
            foreach (var device in _devices.Values)
                await DisposeAsync(device, failures).ConfigureAwait(false);
            _devices = new Dictionary<string, SnapDevice>(StringComparer.Ordinal);
            if (failures.Count > 0)
                throw new AggregateException(failures);
        }
        finally
        {
            _change.Release();
        }
    }

    private async Task<SnapDevice> AddAsync(
        SnapDeviceOptions options, Func<SnapDeviceOptions, CancellationToken, Task<SnapDevice>> make, CancellationToken cancellationToken)
    {
        await _change.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var name = options.Name ?? FirstFreeName();
            RefuseWhatIsTaken(name, options.Source);
            var device = await make(options with { Name = name }, cancellationToken).ConfigureAwait(false);
            device.LogFilling += (_, forecast) => LogFilling?.Invoke(this, new DeviceLogForecastEventArgs(device, forecast));
            _devices = new Dictionary<string, SnapDevice>(_devices, StringComparer.Ordinal) { [name] = device };
            await GroupResolution.RunAsync([.. _devices.Values]).ConfigureAwait(false);
            return device;
        }
        finally
        {
            _change.Release();
        }
    }

    private async Task RemoveAsync(string name, Func<SnapDevice, Task> letGo, CancellationToken cancellationToken)
    {
        await _change.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var device = Get(name);
            try
            {
                await letGo(device).ConfigureAwait(false);
            }
            finally
            {
                if (device.IsTornDown)
                    Forget(name);
            }
        }
        finally
        {
            _change.Release();
        }
    }

    private void RefuseWhatIsTaken(string name, string source)
    {
        if (_devices.ContainsKey(name))
        {
            throw new EngineException(
                EngineError.NameInUse, $"{name}: a device of that name is set up already. Choose another name or tear it down first.");
        }

        if (_devices.Count >= limit)
        {
            throw new EngineException(
                EngineError.TooManyDevices, $"{name}: {limit} devices are set up already, which is the limit. Tear one down first.");
        }

        if (FindBySource(source) is { } other)
        {
            throw new EngineException(
                EngineError.SourceInUse, $"{source}: the device {other.Name} has this source already. Use that device, or tear it down first.");
        }
    }

    /// <summary>One device that cannot be flushed at last must not keep the others.</summary>
    private static async Task DisposeAsync(SnapDevice device, List<Exception> failures)
    {
        try
        {
            await device.DisposeAsync().ConfigureAwait(false);
        }
        catch (SnapBackupException failure)
        {
            failures.Add(failure);
        }
    }

    private void Forget(string name)
    {
        var rest = new Dictionary<string, SnapDevice>(_devices, StringComparer.Ordinal);
        rest.Remove(name);
        _devices = rest;
    }

    private string FirstFreeName()
    {
        var number = 0;
        while (_devices.ContainsKey($"snap{number}"))
            number++;
        return $"snap{number}";
    }
}
