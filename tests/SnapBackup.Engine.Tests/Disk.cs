using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

/// <summary>A snap device over disks in memory, whose bytes the test can look at, and which can be let go, cut off and opened again.</summary>
internal sealed class Disk : IAsyncDisposable
{
    private readonly DeviceSettings _settings;

    private Disk(MemoryBlockDevice source, MemoryBlockDevice[] logs, DeviceSettings settings, SnapDevice device)
    {
        _settings = settings;
        Source = source;
        Logs = logs;
        Device = device;
        OpenOrigin();
    }

    public MemoryBlockDevice Source { get; }

    public MemoryBlockDevice[] Logs { get; }

    public SnapDevice Device { get; private set; }

    /// <summary>The origin; null while a rollback that is not finished keeps it closed.</summary>
    public IBlockDevice Origin { get; private set; } = null!;

    /// <summary>A disk of random bytes, with a run of zeros in its second quarter.</summary>
    public static async Task<Disk> CreateAsync(int size, int[] logSizes, DeviceSettings? settings = null)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        content.AsSpan(size / 4, size / 4).Clear();
        var source = new MemoryBlockDevice("source", content);
        var logs = logSizes.Select((logSize, i) => new MemoryBlockDevice($"log{i}", logSize)).ToArray();
        settings ??= new DeviceSettings();
        return new Disk(source, logs, settings, await SnapDevice.SetUpAsync("snap0", source, logs, settings));
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
    public async Task<Disk> OpenAsync(byte[] sourceContent, byte[][] logContents)
    {
        var source = new MemoryBlockDevice("source", sourceContent);
        var logs = logContents.Select((content, i) => new MemoryBlockDevice(Logs[i].Name, content)).ToArray();
        return new Disk(source, logs, _settings, await SnapDevice.OpenAsync("snap0", source, logs, _settings));
    }

    /// <summary>Opens the origin, unless it is closed.</summary>
    public void OpenOrigin()
    {
        if (Device.IncompleteRollback is null)
            Origin = Device.OpenOrigin();
    }

    public ValueTask DisposeAsync() => Device.DisposeAsync();

    private async Task OpenAgainAsync()
    {
        Device = await SnapDevice.OpenAsync("snap0", Source, Logs, _settings);
        OpenOrigin();
    }
}
