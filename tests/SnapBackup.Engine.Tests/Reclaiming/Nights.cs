using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Reclaiming;

/// <summary>
/// A disk whose first snapshot is kept for ever, and another from night to night. Each night the same hot blocks are written, and a few that were not
/// written before: so what is preserved in a night is mostly needless when its snapshot ends, and of each segment a little stays.
/// </summary>
internal sealed class Nights : IAsyncDisposable
{
    public const int Size = 2 << 20;
    public const int Hot = 10;
    public const int Cold = 2;

    private const int Block = 4096;
    private const string First = "first";

    private Nights(Disk disk) => Disk = disk;

    public Disk Disk { get; private set; }

    public SnapDevice Device => Disk.Device;

    /// <summary>What the source held when each snapshot started that is kept, by name.</summary>
    public Dictionary<string, byte[]> Frozen { get; } = new(StringComparer.Ordinal);

    /// <summary>How many nights have passed.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes that live versions take at the least.</summary>
    public long LiveBytes => Device.Snapshots.Sum(snapshot => Device.Core.History.Epochs.Where(epoch => epoch.Number == snapshot.Epoch).Sum(epoch => epoch.Index.Count)) * Block;

    public static async Task<Nights> CreateAsync(int[]? logs = null, DeviceSettings? settings = null)
    {
        var nights = new Nights(await Disk.CreateAsync(Size, logs ?? [Disk.LogOf(60)], settings ?? new DeviceSettings { ChangeGranularity = 4096 }));
        await nights.StartAsync(First);
        return nights;
    }

    /// <summary>The same over what a crash has left of its disk.</summary>
    public Nights Over(Disk disk)
    {
        var nights = new Nights(disk) { Count = Count };
        foreach (var (name, content) in Frozen)
            nights.Frozen.Add(name, content);
        return nights;
    }

    /// <summary>Where the blocks are that a night is the first to write to.</summary>
    public static int ColdOffset(int night) => (Hot + (night * Cold)) * Block;

    /// <summary>Lets a night pass: its snapshot starts, and then come the writes.</summary>
    public async Task PassAsync()
    {
        await StartAsync($"night{Count}");
        await WriteAsync();
    }

    /// <summary>Writes what a night writes.</summary>
    public async Task WriteAsync()
    {
        await Disk.FillAsync(0, Hot * Block, (byte)(Count + 1));
        await Disk.FillAsync(ColdOffset(Count), Cold * Block, (byte)(Count + 101));
        Count++;
    }

    /// <summary>Ends the snapshot of a night, and waits until nothing is moved any more.</summary>
    public async Task EndAsync(int night, bool keepChanges = false)
    {
        Frozen.Remove($"night{night}");
        await Device.EndSnapshotAsync($"night{night}", keepChanges);
        await Device.Core.Compactor.Idle;
    }

    /// <summary>Lets nights pass, all of whose snapshots are kept but the first.</summary>
    public async Task PassAsync(int nights)
    {
        for (var i = 0; i < nights; i++)
            await PassAsync();
    }

    /// <summary>Ends the snapshots of some nights.</summary>
    public async Task EndAsync(IEnumerable<int> nights)
    {
        foreach (var night in nights)
            await EndAsync(night);
    }

    /// <summary>Lets something be done while there are no free segments for compaction to take, so that what it is for piles up.</summary>
    public async Task WithoutRoomToCompactAsync(Func<Task> action)
    {
        var logs = Device.Core.Logs;
        var hidden = new List<Segment>();
        foreach (var log in logs.Logs)
        {
            while (log.FreeSegments > 0 && logs.FreeSegments > 3)
                hidden.Add(log.TakeSegment(logs.Shape.SetId, SegmentClass.Private, 1, 0));
        }

        await action();
        hidden.ForEach(segment => segment.Log.Release(segment));
        Assert.Equal(0, Device.GetStatistics().BytesCompacted);
    }

    /// <summary>Every snapshot is exact.</summary>
    public async Task ExpectExactAsync()
    {
        foreach (var (name, content) in Frozen)
            Assert.True((await Device.GetSnapshot(name).ReadAllAsync()).AsSpan().SequenceEqual(content), $"{name} is not exact");
    }

    /// <summary>Every snapshot is exact, and a check finds nothing.</summary>
    public async Task ExpectSoundAsync()
    {
        await ExpectExactAsync();
        Assert.Empty((await Device.CheckAsync()).Findings.Select(finding => $"{finding.Kind}: {finding.Message}"));
    }

    public ValueTask DisposeAsync() => Disk.DisposeAsync();

    private async Task StartAsync(string name)
    {
        Frozen.Add(name, Disk.Source.Content.ToArray());
        await Device.StartSnapshotAsync(name);
    }
}
