using System.Security.Cryptography;

namespace SnapBackup.Engine.Tests.Format;

/// <summary>
/// Logs of version 2 that are kept for ever: whatever the program becomes, it opens them, or says that it no longer reads version 2.
/// </summary>
/// <remarks>
/// They were made by <see cref="Make_the_golden_logs"/>, run by hand with <c>--explicit only</c>, which leaves them beside the program: the story was
/// told to a device, and the random ids in its log were replaced.
/// </remarks>
public sealed class GoldenLogTests
{
    private const string KeptHash = "43B869D8CDF0D7E8";
    private const string YoungHash = "449016565783E3AD";

    [Fact]
    public async Task A_log_of_version_2_is_opened_with_all_that_it_keeps()
    {
        var story = await GoldenStory.TellAsync();
        await using var device = await OpenAsync(story.Source, GoldenLog.Read(GoldenLog.LetGo));
        await AssertAllIsThereAsync(story, device);
        Assert.Equal([GoldenLog.Id(5), GoldenLog.Id(8)], device.Snapshots.Select(snapshot => snapshot.Id));
        Assert.Equal([GoldenLog.Id(3), GoldenLog.Id(4), GoldenLog.Id(6)], device.Bookmarks.Select(bookmark => bookmark.Id));
    }

    [Fact]
    public async Task A_torn_log_of_version_2_is_opened_with_all_that_it_keeps()
    {
        var story = await GoldenStory.TellAsync();
        await using var device = await OpenAsync(story.Source, GoldenLog.Read(GoldenLog.Torn));
        await AssertAllIsThereAsync(story, device);
    }

    [Fact]
    public async Task What_is_kept_stays_exact_while_the_source_is_written_further()
    {
        var story = await GoldenStory.TellAsync();
        foreach (var log in new[] { GoldenLog.LetGo, GoldenLog.Torn })
        {
            await using var device = await OpenAsync(story.Source, GoldenLog.Read(log));
            await using (var origin = device.OpenOrigin())
            {
                for (var block = 0; block < 60; block += 5)
                    await GoldenStory.WriteAsync(origin, block, 77);
            }

            await AssertSnapshotsAsync(story, device);
        }
    }

    [Fact]
    public async Task The_story_told_anew_keeps_the_same()
    {
        var (story, device, _) = await GoldenStory.HappenAsync();
        await using var _ = device;
        await AssertAllIsThereAsync(story, device);
    }

    [Fact(Explicit = true)]
    public async Task Make_the_golden_logs()
    {
        var (_, device, log) = await GoldenStory.HappenAsync();
        var before = log.Content.ToArray();
        await using (var origin = device.OpenOrigin())
            await GoldenStory.WriteAsync(origin, 30, 60);
        await GoldenLog.WriteAsync(GoldenLog.Torn, Torn(before, log.Content.ToArray()));

        (_, device, log) = await GoldenStory.HappenAsync();
        await device.DisposeAsync();
        await GoldenLog.WriteAsync(GoldenLog.LetGo, log.Content);
    }

    /// <summary>The last sector of what was written last did not reach the medium.</summary>
    private static byte[] Torn(byte[] before, byte[] after)
    {
        var end = after.Length;
        while (after[end - 1] == before[end - 1])
            end--;
        var sector = (end - 1) / 512 * 512;
        before.AsSpan(sector, 512).CopyTo(after.AsSpan(sector));
        return after;
    }

    private static Task<SnapDevice> OpenAsync(byte[] source, byte[] log) => SnapDevice.OpenAsync(
        "snap0", new MemoryBlockDevice("source", source.ToArray()), [new MemoryBlockDevice("log", log)], new DeviceSettings());

    private static async Task AssertAllIsThereAsync(GoldenStory story, SnapDevice device)
    {
        Assert.Equal((4096, 8192), (device.BlockSize, device.ChangeGranularity));
        await AssertSnapshotsAsync(story, device);
        Assert.Equal(["start", "first", "brief"], device.Bookmarks.Select(bookmark => bookmark.Name));
        Assert.DoesNotContain(device.Bookmarks, bookmark => bookmark.ChangesLost);
        Assert.All(device.Bookmarks, bookmark => Assert.Equal(story.Starts[bookmark.Name], bookmark.StartedAt));
        Assert.All(device.Snapshots, snapshot => Assert.Equal(story.Starts[snapshot.Name], snapshot.StartedAt));
        Assert.Equal(Blocks((0, 14), (20, 22), (44, 4), (50, 2), (60, 1)), await device.CompareAsync("start"));
        Assert.Equal(Blocks((50, 2)), await device.CompareAsync("start", "first"));
        Assert.Equal(Blocks((0, 10)), await device.CompareAsync("first", "kept"));
        Assert.Equal(Blocks((2, 2), (8, 6)), await device.CompareAsync("brief", "young"));
        Assert.Equal(Blocks((0, 2), (20, 2), (44, 4)), await device.CompareAsync("young"));
    }

    private static async Task AssertSnapshotsAsync(GoldenStory story, SnapDevice device)
    {
        Assert.Equal(["kept", "young"], device.Snapshots.Select(snapshot => snapshot.Name));
        Assert.All(device.Snapshots, snapshot => Assert.Equal(SnapshotState.Active, snapshot.State));
        Assert.Equal(story.Snapshots["young"], await device.GetSnapshot("young").ReadAllAsync());
        Assert.Equal(YoungHash, Hash(story.Snapshots["young"]));

        const int Unreadable = GoldenStory.UnreadableBlock * GoldenStory.BlockSize;
        await using var kept = device.GetSnapshot("kept").Open();
        await Errors.ExpectAsync(EngineError.SourceUnreadable, "kept", () => kept.ReadAsync(Unreadable, 1));
        Assert.Equal(story.Snapshots["kept"][..Unreadable], await kept.ReadAsync(0, Unreadable));
        const int After = Unreadable + GoldenStory.BlockSize;
        Assert.Equal(story.Snapshots["kept"][After..], await kept.ReadAsync(After, GoldenStory.Size - After));
        Assert.Equal(KeptHash, Hash(story.Snapshots["kept"]));
    }

    private static string Hash(byte[] content) => Convert.ToHexString(SHA256.HashData(content))[..16];

    /// <summary>Ranges given in blocks; the last ends with the source.</summary>
    private static ChangedRange[] Blocks(params (int First, int Count)[] runs) =>
    [
        .. runs.Select(run => new ChangedRange(
            run.First * GoldenStory.BlockSize, Math.Min(run.Count * GoldenStory.BlockSize, GoldenStory.Size - (run.First * GoldenStory.BlockSize)))),
    ];
}
