using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests.Format;

/// <summary>
/// Any one sector of a log that was let go may rot or become unreadable: then nothing that is kept is ever silently wrong. It is exact, or
/// broken or lost and says so, or the read that needs the sector fails.
/// </summary>
public sealed class RottenSectorTests
{
    private const int Sector = 512;

    [Fact]
    public async Task One_flipped_bit_in_any_sector_is_harmless_or_found() => await ForEachSectorAsync((log, sector) =>
    {
        var content = log.ToArray();
        content[sector + (sector / Sector % Sector)] ^= 0x10;
        return new MemoryBlockDevice("log", content);
    });

    [Fact]
    public async Task One_sector_of_zeros_anywhere_is_harmless_or_found() => await ForEachSectorAsync((log, sector) =>
    {
        var content = log.ToArray();
        content.AsSpan(sector, Sector).Clear();
        return new MemoryBlockDevice("log", content);
    });

    [Fact]
    public async Task One_unreadable_sector_anywhere_is_harmless_or_found() => await ForEachSectorAsync((log, sector) =>
        new MemoryBlockDevice("log", log.ToArray())
        {
            Fault = (operation, offset, length) =>
            {
                if (operation == "read" && offset < sector + Sector && offset + length > sector)
                    throw Errors.BadMedium("log");
            },
        });

    /// <summary>Of each page the first two sectors and the last: headers, records and trailers, and some of the data.</summary>
    private static IEnumerable<int> Sectors(int size) =>
        Enumerable.Range(0, size / 4096).SelectMany(page => new[] { page * 4096, (page * 4096) + Sector, ((page + 1) * 4096) - Sector });

    private static async Task ForEachSectorAsync(Func<byte[], int, MemoryBlockDevice> damage)
    {
        var story = await GoldenStory.TellAsync();
        var log = GoldenLog.Read(GoldenLog.LetGo);
        var told = await ExactAsync(story, log);
        var harmless = 0;
        foreach (var sector in Sectors(log.Length))
        {
            if (await TryOpenAsync(story, damage(log, sector)) is not { } device)
                continue;
            await using (device)
            {
                foreach (var snapshot in device.Snapshots)
                    harmless += await AssertExactOrFailingAsync(snapshot, story, sector) ? 1 : 0;
                foreach (var (name, ranges) in told)
                    await AssertToldOrLostAsync(device, name, ranges, sector);
            }
        }

        Assert.True(harmless > 0, "no snapshot survived anything, so nothing was tried");
    }

    /// <summary>What changed since each point, as an undamaged log tells it.</summary>
    private static async Task<Dictionary<string, IReadOnlyList<ChangedRange>>> ExactAsync(GoldenStory story, byte[] log)
    {
        await using var device = (await TryOpenAsync(story, new MemoryBlockDevice("log", log.ToArray())))!;
        var told = new Dictionary<string, IReadOnlyList<ChangedRange>>(StringComparer.Ordinal);
        foreach (var name in device.Bookmarks.Select(bookmark => bookmark.Name).Concat(device.Snapshots.Select(snapshot => snapshot.Name)))
            told.Add(name, await device.CompareAsync(name));
        return told;
    }

    private static async Task<SnapDevice?> TryOpenAsync(GoldenStory story, MemoryBlockDevice log)
    {
        try
        {
            return await SnapDevice.OpenAsync("snap0", new MemoryBlockDevice("source", story.Source.ToArray()), [log], new DeviceSettings());
        }
        catch (SnapBackupException)
        {
            return null;
        }
    }

    private static async Task<bool> AssertExactOrFailingAsync(Snapshot snapshot, GoldenStory story, int sector)
    {
        if (snapshot.State == SnapshotState.Broken)
            return false;
        var exact = true;
        await using var device = snapshot.Open();
        for (var offset = 0; offset < GoldenStory.Size; offset += GoldenStory.BlockSize)
        {
            var length = Math.Min(GoldenStory.BlockSize, GoldenStory.Size - offset);
            try
            {
                var read = await device.ReadAsync(offset, length);
                if (!read.AsSpan().SequenceEqual(story.Snapshots[snapshot.Name].AsSpan(offset, length)))
                    Assert.Fail($"{snapshot.Name} is silently wrong at {offset} after the sector at {sector} of its log was damaged");
            }
            catch (SnapBackupException)
            {
                exact = false;
            }
        }

        return exact;
    }

    private static async Task AssertToldOrLostAsync(SnapDevice device, string name, IReadOnlyList<ChangedRange> ranges, int sector)
    {
        IReadOnlyList<ChangedRange> told;
        try
        {
            told = await device.CompareAsync(name);
        }
        catch (EngineException error)
        {
            Assert.Equal(EngineError.ChangesLost, error.Reason);
            return;
        }

        if (!ranges.All(range => told.Any(one => one.Offset <= range.Offset && one.Offset + one.Length >= range.Offset + range.Length)))
            Assert.Fail($"changes since {name} are silently missing after the sector at {sector} of the log was damaged");
    }
}
