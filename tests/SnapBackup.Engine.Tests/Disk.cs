using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

/// <summary>A snap device over disks in memory, whose bytes the test can look at, and which can be let go, cut off and opened again.</summary>
internal sealed class Disk : IAsyncDisposable
{
    private readonly DeviceSettings _settings;
    private readonly long? _growTo;

    private Disk(MemoryBlockDevice source, MemoryBlockDevice[] logs, DeviceSettings settings, long? growTo, SnapDevice device)
    {
        _settings = settings;
        _growTo = growTo;
        Source = source;
        Logs = logs;
        Device = device;
        OpenOrigin();
    }

    public MemoryBlockDevice Source { get; }

    public MemoryBlockDevice[] Logs { get; private set; }

    public SnapDevice Device { get; private set; }

    /// <summary>The origin; null while a rollback that is not finished keeps it closed.</summary>
    public IBlockDevice Origin { get; private set; } = null!;

    /// <summary>A disk of random bytes, with a run of zeros in its second quarter.</summary>
    public static async Task<Disk> CreateAsync(int size, int[] logSizes, DeviceSettings? settings = null, long? growTo = null)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        content.AsSpan(size / 4, size / 4).Clear();
        var source = new MemoryBlockDevice("source", content);
        var logs = logSizes.Select((logSize, i) => new MemoryBlockDevice($"log{i}", logSize)).ToArray();
        settings ??= new DeviceSettings();
        return new Disk(source, logs, settings, growTo, await SnapDevice.SetUpAsync("snap0", source, Terms(logs, growTo), settings));
    }

    /// <summary>The size of a log with this many segments, for blocks of 4 KiB.</summary>
    public static int LogOf(int segments) => (72 << 10) + (segments * (64 << 10));

    /// <summary>Opens a disk whose bytes are given.</summary>
    public static async Task<Disk> OpenAsync(byte[] source, IEnumerable<byte[]> logs, DeviceSettings settings, long? growTo = null)
    {
        var sourceDevice = new MemoryBlockDevice("source", source);
        var logDevices = logs.Select((log, i) => new MemoryBlockDevice($"log{i}", log)).ToArray();
        var device = await SnapDevice.OpenAsync("snap0", sourceDevice, Terms(logDevices, growTo), settings);
        return new Disk(sourceDevice, logDevices, settings, growTo, device);
    }

    /// <summary>Adds a log while the device is in use.</summary>
    public async Task<MemoryBlockDevice> AddLogAsync(int size)
    {
        var log = new MemoryBlockDevice($"log{Logs.Length}", size);
        await Device.AddLogAsync(log);
        Logs = [.. Logs, log];
        return log;
    }

    /// <summary>Writes a byte over a range through the origin.</summary>
    public Task FillAsync(long offset, int length, byte value)
    {
        var data = new byte[length];
        data.AsSpan().Fill(value);
        return Origin.WriteAsync(offset, data).AsTask();
    }

    /// <summary>Lets the device go and opens it again.</summary>
    public async Task ReopenAsync()
    {
        await Device.DisposeAsync();
        await OpenAgainAsync();
    }

    /// <summary>The process is gone with what it knew; what it wrote is on the disks. Opens another disk over copies of them.</summary>
    public Task<Disk> OpenAfterCrashAsync() => OpenAsync(Source.Content.ToArray(), [.. Logs.Select(log => log.Content.ToArray())]);

    /// <summary>Opens another disk over what a crash has left of this one.</summary>
    public Task<Disk> OpenAsync(byte[] sourceContent, byte[][] logContents) => OpenAsync(sourceContent, logContents, _settings, _growTo);

    /// <summary>Opens the origin, unless it is closed.</summary>
    public void OpenOrigin()
    {
        if (Device.IncompleteRollback is null)
            Origin = Device.OpenOrigin();
    }

    public ValueTask DisposeAsync() => Device.DisposeAsync();

    private async Task OpenAgainAsync()
    {
        Device = await SnapDevice.OpenAsync("snap0", Source, Terms(Logs, _growTo), _settings);
        OpenOrigin();
    }

    private static IReadOnlyList<LogDevice> Terms(IEnumerable<MemoryBlockDevice> logs, long? growTo) =>
        [.. logs.Select(log => new LogDevice(log) { GrowTo = growTo })];
}
