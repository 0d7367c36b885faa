using CsCheck;

namespace SnapBackup.Engine.Tests;

/// <summary>The change map: what has changed between two points in time, or since one, through anything (invariant 4).</summary>
public sealed class ChangeTests
{
    private const int Size = (40 * 4096) + 700;
    private static readonly DeviceSettings Fine = new() { ChangeGranularity = 4096 };

    [Fact]
    public async Task Nothing_has_changed_since_a_snapshot_that_just_started()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20], Fine);
        await disk.FillAsync(0, 10_000, 1);
        await disk.Device.StartSnapshotAsync("s");
        Assert.Empty(await disk.Device.CompareAsync("s"));
    }

    [Fact]
    public async Task What_was_written_between_two_snapshots_is_told()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20], Fine);
        await disk.Device.StartSnapshotAsync("a");
        await disk.FillAsync(4096, 10, 1);
        await disk.FillAsync(12_288, 4096, 1);
        await disk.Device.StartSnapshotAsync("b");
        await disk.FillAsync(40_960, 1, 1);
        Assert.Equal([new ChangedRange(4096, 4096), new ChangedRange(12_288, 4096)], await disk.Device.CompareAsync("a", "b"));
        Assert.Equal([new ChangedRange(40_960, 4096)], await disk.Device.CompareAsync("b"));
    }

    [Fact]
    public async Task The_last_region_ends_with_the_source()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20], Fine);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(Size - 1, 1, 1);
        Assert.Equal([new ChangedRange(40 * 4096, 700)], await disk.Device.CompareAsync("s"));
    }

    [Fact]
    public async Task A_change_is_durable_before_the_write_is_issued()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20], Fine);
        await disk.Device.StartSnapshotAsync("s");
        await disk.Device.EndSnapshotAsync("s", keepChanges: true);
        var order = new List<string>();
        disk.Source.Fault = (operation, _, _) => Note($"source {operation}");
        disk.Logs[0].Fault = (operation, _, _) => Note($"log {operation}");
        await disk.FillAsync(5000, 10, 1);
        Assert.Equal(["log write", "log flush", "source write"], order);
        order.Clear();
        await disk.FillAsync(5000, 10, 2);
        Assert.Equal(["source write"], order);

        void Note(string what)
        {
            lock (order)
                order.Add(what);
        }
    }

    [Fact]
    public async Task Changes_survive_the_end_of_every_snapshot_and_a_crash()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20], Fine);
        await disk.Device.StartSnapshotAsync("full");
        await disk.FillAsync(0, 4096, 1);
        await disk.Device.StartSnapshotAsync("other");
        await disk.FillAsync(8192, 4096, 1);
        await disk.Device.EndSnapshotAsync("full", keepChanges: true);
        await disk.FillAsync(16_384, 4096, 1);
        await disk.Device.EndSnapshotAsync("other");
        await disk.FillAsync(24_576, 4096, 1);
        await using var again = await disk.OpenAfterCrashAsync();
        Assert.Equal([0L, 8192L, 16_384L, 24_576L], (await again.Device.CompareAsync("full")).Select(range => range.Offset));
        Assert.False(Assert.Single(again.Device.Bookmarks).ChangesLost);
    }

    [Fact]
    public async Task Recording_changes_alone_for_ever_takes_no_more_than_the_map_itself()
    {
        await using var disk = await Disk.CreateAsync(8 << 20, [1 << 20], Fine);
        await disk.Device.StartSnapshotAsync("b0");
        await disk.Device.EndSnapshotAsync("b0", keepChanges: true);
        for (var night = 1; night < 30; night++)
        {
            for (var offset = 0; offset < 8 << 20; offset += 64 << 10)
                await disk.FillAsync(offset, 1, (byte)night);
            await disk.Device.StartSnapshotAsync($"b{night}");
            await disk.Device.EndSnapshotAsync($"b{night}", keepChanges: true);
            Assert.Equal(128, (await disk.Device.CompareAsync($"b{night - 1}")).Count);
            await disk.Device.ForgetBookmarkAsync($"b{night - 1}");
        }

        Assert.InRange(disk.Device.GetStatistics().LogUsed, 0, 512 << 10);
    }

    [Fact]
    public async Task A_full_log_loses_changes_openly_and_never_holds_a_write_up()
    {
        await using var disk = await Disk.CreateAsync(4 << 20, [136 << 10], Fine);
        await disk.Device.StartSnapshotAsync("b");
        await disk.Device.EndSnapshotAsync("b", keepChanges: true);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 4 << 20, 1);
        Assert.Equal(SnapshotState.Broken, disk.Device.GetSnapshot("s").State);
        await using var again = await disk.OpenAfterCrashAsync();
        if (Assert.Single(again.Device.Bookmarks).ChangesLost)
            await Errors.ExpectAsync(EngineError.ChangesLost, "full archive", () => again.Device.CompareAsync("b"));
        else
            Assert.Equal(4 << 20, (await again.Device.CompareAsync("b")).Sum(range => range.Length));
    }

    [Fact]
    public async Task Points_that_are_not_there_or_in_the_wrong_order_are_named()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20], Fine);
        await disk.Device.StartSnapshotAsync("a");
        await disk.Device.StartSnapshotAsync("b");
        await Errors.ExpectAsync(EngineError.BookmarkNotFound, "a, b", () => disk.Device.CompareAsync("c"));
        await Errors.ExpectAsync(EngineError.BookmarkNotFound, "older", () => disk.Device.CompareAsync("b", "a"));
        await Errors.ExpectAsync(EngineError.BookmarkNotFound, "no bookmark 'a'", () => disk.Device.ForgetBookmarkAsync("a"));
    }

    [Fact]
    public Task Whatever_differs_is_inside_what_is_told_whatever_happens() =>
        Gen.Select(Gen.Int[0, 11], DiskWrite.Within(0, Size)).List[1, 50].SampleAsync(async steps =>
        {
            var settings = new DeviceSettings { ChangeGranularity = 8192 };
            var disk = await Disk.CreateAsync(Size, [600 << 10], settings);
            var model = disk.Source.Content.ToArray();
            var points = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var (choice, write) in steps)
            {
                switch (choice)
                {
                    case < 5:
                        await write.ApplyAsync(disk.Origin, model);
                        break;
                    case < 7:
                        await disk.Device.StartSnapshotAsync($"p{points.Count}");
                        points.Add($"p{points.Count}", model.ToArray());
                        break;
                    case < 9:
                        foreach (var snapshot in disk.Device.Snapshots.Take(1))
                            await disk.Device.EndSnapshotAsync(snapshot.Name, keepChanges: true);
                        break;
                    case 9:
                        foreach (var bookmark in disk.Device.Bookmarks.Take(1))
                        {
                            await disk.Device.ForgetBookmarkAsync(bookmark.Name);
                            points[bookmark.Name] = [];
                        }

                        break;
                    case 10:
                        await disk.ReopenAsync();
                        break;
                    default:
                        var crashed = disk;
                        disk = await disk.OpenAfterCrashAsync();
                        await crashed.DisposeAsync();
                        break;
                }

                foreach (var (name, content) in points.Where(point => point.Value.Length > 0))
                    await AssertToldAsync(disk.Device, name, content, model);
            }

            await disk.DisposeAsync();
        }, iter: 60);

    private static async Task AssertToldAsync(SnapDevice device, string name, byte[] then, byte[] now)
    {
        if (device.Bookmarks.Any(bookmark => bookmark.Name == name && bookmark.ChangesLost) || device.FindSnapshot(name)?.State == SnapshotState.Broken)
            return;
        var told = new bool[now.Length];
        foreach (var range in await device.CompareAsync(name))
            told.AsSpan((int)range.Offset, (int)range.Length).Fill(true);
        for (var i = 0; i < now.Length; i++)
        {
            if (then[i] != now[i] && !told[i])
                Assert.Fail($"byte {i} changed since {name} and nobody was told");
        }
    }
}
