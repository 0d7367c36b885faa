using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

/// <summary>A snap device over disks in memory, whose bytes the test can look at.</summary>
internal sealed class Disk : IAsyncDisposable
{
    private Disk(MemoryBlockDevice source, MemoryBlockDevice[] logs, SnapDevice device)
    {
        Source = source;
        Logs = logs;
        Device = device;
        Origin = device.OpenOrigin();
    }

    public MemoryBlockDevice Source { get; }

    public MemoryBlockDevice[] Logs { get; }

    public SnapDevice Device { get; }

    public IBlockDevice Origin { get; }

    /// <summary>A disk of random bytes, with a run of zeros in its second quarter.</summary>
    public static async Task<Disk> CreateAsync(int size, int[] logSizes, int blockSize = 4096)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        content.AsSpan(size / 4, size / 4).Clear();
        var source = new MemoryBlockDevice("source", content);
        var logs = logSizes.Select((logSize, i) => new MemoryBlockDevice($"log{i}", logSize)).ToArray();
        return new Disk(source, logs, await SnapDevice.SetUpAsync("snap0", source, logs, blockSize));
    }

    /// <summary>Writes a byte over a range through the origin.</summary>
    public Task FillAsync(long offset, int length, byte value)
    {
        var data = new byte[length];
        data.AsSpan().Fill(value);
        return Origin.WriteAsync(offset, data).AsTask();
    }

    public ValueTask DisposeAsync() => Device.DisposeAsync();
}
