namespace SnapBackup.Engine.Tests.Groups;

/// <summary>Several snap devices over disks in memory, as one crash leaves them.</summary>
internal sealed class DiskSet : IAsyncDisposable
{
    public const int Size = 100_000;

    private const int LogSize = 256 << 10;

    private DiskSet(IReadOnlyList<MemoryBlockDevice> disks, IReadOnlyList<SnapDevice> devices)
    {
        Disks = disks;
        Devices = devices;
    }

    /// <summary>Source and log of the first device, of the second, …</summary>
    public IReadOnlyList<MemoryBlockDevice> Disks { get; }

    public IReadOnlyList<SnapDevice> Devices { get; }

    public MemoryBlockDevice SourceOf(int device) => Disks[2 * device];

    public MemoryBlockDevice LogOf(int device) => Disks[(2 * device) + 1];

    /// <summary>Devices <c>d0</c>, <c>d1</c>, …, with sources of random bytes.</summary>
    public static async Task<DiskSet> CreateAsync(int count)
    {
        var disks = new List<MemoryBlockDevice>();
        var devices = new List<SnapDevice>();
        for (var i = 0; i < count; i++)
        {
            var content = new byte[Size];
            new Random(i).NextBytes(content);
            disks.Add(new MemoryBlockDevice($"source{i}", content));
            disks.Add(new MemoryBlockDevice($"log{i}", LogSize));
            devices.Add(await SnapDevice.SetUpAsync($"d{i}", disks[^2], [disks[^1]], new DeviceSettings()));
        }

        return new DiskSet(disks, devices);
    }

    /// <summary>Opens the devices over what a crash has left of each disk; nothing is resolved yet.</summary>
    public static async Task<DiskSet> OpenAsync(byte[][] left)
    {
        var disks = left.Select((content, i) => new MemoryBlockDevice($"{(i % 2 == 0 ? "source" : "log")}{i / 2}", content)).ToList();
        var devices = new List<SnapDevice>();
        for (var i = 0; i < disks.Count; i += 2)
            devices.Add(await SnapDevice.OpenAsync($"d{i / 2}", disks[i], [disks[i + 1]], new DeviceSettings()));
        return new DiskSet(disks, devices);
    }

    /// <summary>As <see cref="OpenAsync"/>, without the devices none of whose logs works.</summary>
    public static async Task<DiskSet> OpenWhatOpensAsync(byte[][] left)
    {
        var (disks, devices) = (new List<MemoryBlockDevice>(), new List<SnapDevice>());
        for (var i = 0; i < left.Length; i += 2)
        {
            try
            {
                var set = await OpenAsync(left[i..(i + 2)]);
                disks.AddRange(set.Disks);
                devices.AddRange(set.Devices);
            }
            catch (EngineException failure) when (failure.Reason == EngineError.LogFailed)
            {
            }
        }

        return new DiskSet(disks, devices);
    }

    /// <summary>What is on the disks now.</summary>
    public byte[][] Copy() => [.. Disks.Select(disk => disk.Content.ToArray())];

    public async ValueTask DisposeAsync()
    {
        foreach (var device in Devices)
            await device.DisposeAsync();
    }
}
