using Microsoft.Extensions.Time.Testing;
using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests.Format;

/// <summary>
/// What happened to the disk whose log is kept in <c>Golden/</c>: told here to a plain array, and when the log was made to a device. It
/// never changes; a new version of the format gets a story of its own, or this one in another file.
/// </summary>
/// <remarks>
/// In it are: records of every kind, groups of one and of many records, a segment that was closed and one that was not, some that were used again, one that was freed,
/// pages of the change map, three bookmarks, two snapshots, and a source whose last block is not whole.
/// </remarks>
internal sealed class GoldenStory
{
    public const int BlockSize = 4096;
    public const int LogSegments = 16;
    public const int Size = (60 * BlockSize) + 700;

    /// <summary>The block that the source could not read when it was to be preserved for the snapshot "kept".</summary>
    public const int UnreadableBlock = 40;

    private readonly byte[] _content = FirstContent();
    private readonly FakeTimeProvider _clock;
    private readonly MemoryBlockDevice? _source;
    private readonly SnapDevice? _device;
    private readonly IBlockDevice? _origin;

    private GoldenStory(FakeTimeProvider clock, MemoryBlockDevice? source, SnapDevice? device)
    {
        _clock = clock;
        _source = source;
        _device = device;
        _origin = device?.OpenOrigin();
    }

    /// <summary>What the source holds in the end.</summary>
    public byte[] Source => _content;

    /// <summary>What the snapshots hold, by name.</summary>
    public Dictionary<string, byte[]> Snapshots { get; } = new(StringComparer.Ordinal);

    /// <summary>When they started, one a night, by name.</summary>
    public Dictionary<string, DateTimeOffset> Starts { get; } = new(StringComparer.Ordinal);

    /// <summary>Tells the story without a device.</summary>
    public static async Task<GoldenStory> TellAsync()
    {
        var story = new GoldenStory(FirstNight(), null, null);
        await story.TellOnAsync();
        return story;
    }

    /// <summary>Tells it to a device with a fresh log, as it was told when the log was made.</summary>
    public static async Task<(GoldenStory Story, SnapDevice Device, MemoryBlockDevice Log)> HappenAsync()
    {
        var source = new MemoryBlockDevice("source", FirstContent());
        var log = new MemoryBlockDevice("log", 73_728 + (LogSegments * 65_536));
        var clock = FirstNight();
        var settings = new DeviceSettings { BlockSize = BlockSize, ChangeGranularity = 2 * BlockSize, Clock = clock };
        var device = await SnapDevice.SetUpAsync("snap0", source, [log], settings);
        var story = new GoldenStory(clock, source, device);
        await story.TellOnAsync();
        return (story, device, log);
    }

    /// <summary>Overwrites a block, as nobody did in the story.</summary>
    public static ValueTask WriteAsync(IBlockDevice origin, int block, byte value) =>
        origin.WriteAsync((long)block * BlockSize, Enumerable.Repeat(value, BlockSize).ToArray());

    private static FakeTimeProvider FirstNight() => new(new DateTimeOffset(2026, 11, 1, 2, 0, 0, 125, TimeSpan.Zero));

    private static byte[] FirstContent()
    {
        var content = new byte[Size];
        for (var i = 0; i < Size; i++)
            content[i] = (byte)((i / BlockSize) + (i % 251));
        content.AsSpan(8 * BlockSize, 2 * BlockSize).Clear();
        return content;
    }

    private async Task TellOnAsync()
    {
        await StartAsync("early");
        for (var block = 0; block < 60; block++)
            await WriteAsync(block, 1, 5);
        await EndAsync("early", keepChanges: false);
        await WriteAsync(8, 2, 0);
        await StartAsync("start");
        await EndAsync("start");
        await WriteAsync(50, 1, 10);
        await StartAsync("first");
        for (var block = 0; block < 10; block++)
            await WriteAsync(block, 1, 20);
        await StartAsync("kept");
        await WriteAsync(2, 3, 30);
        await WriteAsync(8, 4, 31);
        await WriteBytesAsync((20 * BlockSize) + 100, 10 * BlockSize, 32);
        await WriteUnreadableAsync();
        await EndAsync("first");
        for (var block = 30; block < 40; block += 2)
            await WriteAsync(block, 1, 40);
        await WriteBytesAsync(Size - 10, 10, 41);
        await StartAsync("brief");
        await EndAsync("brief");
        await WriteAsync(2, 1, 42);
        await WriteAsync(12, 1, 43);
        await StartAsync("passing");
        await WriteAsync(8, 4, 44);
        await EndAsync("passing", keepChanges: false);
        await StartAsync("young");
        await WriteAsync(0, 2, 50);
        await WriteAsync(20, 2, 51);
        await StartAsync("late");
        await EndAsync("late", keepChanges: false);
        await WriteAsync(44, 2, 60);
        await WriteAsync(46, 1, 61);
        if (_origin is not null)
            await _origin.DisposeAsync();
    }

    private async Task StartAsync(string name)
    {
        Snapshots.Add(name, _content.ToArray());
        Starts.Add(name, _clock.GetUtcNow());
        if (_device is not null)
            await _device.StartSnapshotAsync(name);
        _clock.Advance(TimeSpan.FromDays(1));
    }

    private async Task EndAsync(string name, bool keepChanges = true)
    {
        Snapshots.Remove(name);
        if (_device is not null)
            await _device.EndSnapshotAsync(name, keepChanges);
    }

    private Task WriteAsync(int block, int blocks, byte value) => WriteBytesAsync(block * BlockSize, blocks * BlockSize, value);

    private async Task WriteBytesAsync(int offset, int length, byte value)
    {
        var range = _content.AsMemory(offset, length);
        range.Span.Fill(value);
        if (_origin is not null)
            await _origin.WriteAsync(offset, range);
    }

    private async Task WriteUnreadableAsync()
    {
        const int Offset = UnreadableBlock * BlockSize;
        if (_source is null)
        {
            await WriteAsync(UnreadableBlock, 1, 33);
            return;
        }

        _source.Fault = (operation, offset, length) =>
        {
            if (operation == "read" && offset < Offset + BlockSize && offset + length > Offset)
                throw Errors.BadMedium("source");
        };
        await WriteAsync(UnreadableBlock, 1, 33);
        _source.Fault = null;
    }
}
