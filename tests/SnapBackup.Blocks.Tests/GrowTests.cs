namespace SnapBackup.Blocks.Tests;

public sealed class GrowTests : IDisposable
{
    private const int Size = 1_000_000;
    private const int Larger = 5_000_001;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_grows_by_zeros_whose_space_is_taken()
    {
        await using var device = FileBlockDevice.Create(_folder["log"], Size);
        await device.WriteAsync(Size - 1, new byte[] { 7 });
        await device.GrowAsync(Larger);
        Assert.Equal(Larger, device.Size);
        Assert.Equal(Larger, new FileInfo(_folder["log"]).Length);
        var read = new byte[Larger - Size + 1];
        await device.ReadAsync(Size - 1, read);
        Assert.Equal(7, read[0]);
        Assert.False(read.AsSpan(1).ContainsAnyExcept((byte)0));
        var blocks = (await ExternalTool.Require("stat").RunAsync("-c", "%b", _folder["log"])).Succeeded().Output;
        Assert.InRange(long.Parse(blocks) * 512, Larger - Size, long.MaxValue);
    }

    [Fact]
    public async Task The_new_bytes_are_used_like_the_old_ones()
    {
        await using var device = FileBlockDevice.Create(_folder["log"], Size);
        await device.GrowAsync(Larger);
        await device.WriteAsync(Larger - 1, new byte[] { 9 }, WriteOptions.ForceUnitAccess);
        await device.DisposeAsync();
        Assert.Equal(9, (await File.ReadAllBytesAsync(_folder["log"]))[^1]);
    }

    [Fact]
    public async Task Growing_to_the_size_it_has_changes_nothing()
    {
        await using var device = FileBlockDevice.Create(_folder["log"], Size);
        await device.GrowAsync(Size);
        Assert.Equal(Size, device.Size);
    }

    [Fact]
    public async Task Requests_run_while_it_grows()
    {
        await using var device = FileBlockDevice.Create(_folder["log"], Size);
        var growing = Task.Run(async () =>
        {
            for (var size = Size; size <= Larger; size += 100_000)
                await device.GrowAsync(size);
        });
        var rounds = 0;
        do
        {
            var data = BitConverter.GetBytes(rounds++);
            var offset = device.Size - data.Length;
            await device.WriteAsync(offset, data);
            var read = new byte[data.Length];
            await device.ReadAsync(offset, read);
            Assert.Equal(data, read);
        }
        while (!growing.IsCompleted);
        await growing;
    }

    [Fact]
    public async Task Growths_at_the_same_time_come_one_after_the_other()
    {
        await using var device = FileBlockDevice.Create(_folder["log"], Size);
        var results = await Task.WhenAll(Enumerable.Range(1, 20).Select(step => TryGrowAsync(Size + (step * 4096))));
        Assert.Equal(Size + (20 * 4096), device.Size);
        Assert.Equal(device.Size, new FileInfo(_folder["log"]).Length);
        Assert.All(results, error => Assert.True(error is null or BlockDeviceError.NotSupported));

        async Task<BlockDeviceError?> TryGrowAsync(long size)
        {
            try
            {
                await device.GrowAsync(size);
                return null;
            }
            catch (BlockDeviceException late)
            {
                return late.Reason; // a larger one was first
            }
        }
    }

    [Fact]
    public async Task A_smaller_size_is_refused()
    {
        await using var device = FileBlockDevice.Create(_folder["log"], Size);
        var error = await ExpectAsync(BlockDeviceError.NotSupported, device, Size - 1);
        Assert.Contains("not smaller", error.Message, StringComparison.Ordinal);
        await ExpectAsync(BlockDeviceError.NotSupported, device, -1);
    }

    [Fact]
    public async Task A_handle_for_reading_is_refused()
    {
        await File.WriteAllBytesAsync(_folder["log"], new byte[Size]);
        await using var device = FileBlockDevice.Open(_folder["log"], new FileBlockDeviceOptions { ReadOnly = true });
        await ExpectAsync(BlockDeviceError.ReadOnly, device, Larger);
    }

    [Fact]
    public async Task A_closed_handle_is_refused()
    {
        var device = FileBlockDevice.Create(_folder["log"], Size);
        await device.DisposeAsync();
        await ExpectAsync(BlockDeviceError.Closed, device, Larger);
    }

    [Fact]
    public async Task A_cancelled_growth_is_not_begun()
    {
        await using var device = FileBlockDevice.Create(_folder["log"], Size);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.GrowAsync(Larger, new CancellationToken(canceled: true)).AsTask());
        AssertUnchanged(device);
    }

    [Fact]
    public async Task What_another_program_appended_is_not_taken_for_our_own()
    {
        await using var device = FileBlockDevice.Create(_folder["log"], Size);
        (await ExternalTool.Require("truncate").RunAsync("-s", "+1", _folder["log"])).Succeeded();
        await ExpectAsync(BlockDeviceError.SizeChanged, device, Larger);
        Assert.Equal(Size + 1, new FileInfo(_folder["log"]).Length);
    }

    [Fact]
    public async Task More_than_there_is_is_refused_before_any_of_it_is_taken()
    {
        await using var small = await SmallFileSystem.OfMemoryAsync(_folder["small"], 8 << 20);
        await using var device = FileBlockDevice.Create(small["log"], Size, allocate: true);
        await device.WriteAsync(0, new byte[] { 1, 2, 3 });
        var free = small.FreeRoom;
        var error = await ExpectAsync(BlockDeviceError.NoSpace, device, device.Size + free + 4096);
        Assert.Contains("make room", error.Message, StringComparison.Ordinal);
        Assert.Equal(free, small.FreeRoom);
        AssertUnchanged(device);
        await device.GrowAsync(device.Size + free - (free % 4096));
    }

    [Fact]
    public async Task A_growth_that_fails_half_way_gives_back_what_it_took()
    {
        const int BookkeepingKept = 16 << 10; // ext4 does not lower a tree that grew high
        // Every second block is free, so that taking all of them needs blocks for their bookkeeping that are not there.
        await using var small = await SmallFileSystem.OfExt4Async(_folder["small"], _folder["image"], 8 << 20);
        await using var device = FileBlockDevice.Create(small["log"], Size, allocate: true);
        await using var filler = FileBlockDevice.Create(small["filler"], small.FreeRoom - (64 << 10), allocate: true);
        for (var offset = 0L; offset < filler.Size; offset += 2048)
            await filler.TrimAsync(offset, 1024);
        await SyncAsync();
        var free = small.FreeRoom;
        await ExpectAsync(BlockDeviceError.NoSpace, device, device.Size + free);
        await SyncAsync();
        Assert.InRange(small.FreeRoom, free - BookkeepingKept, free);
        AssertUnchanged(device);

        async Task SyncAsync() => (await ExternalTool.Require("sync").RunAsync("-f", small["log"])).Succeeded();
    }

    [Fact]
    public async Task A_growth_that_did_not_become_durable_did_not_happen()
    {
        // The image's own file system is full, so that the journal cannot be written.
        await using var outer = await SmallFileSystem.OfMemoryAsync(_folder["outer"], 2 << 20);
        await using var inner = await SmallFileSystem.OfExt4Async(_folder["inner"], outer["image"], 64 << 20);
        await using var device = FileBlockDevice.Create(inner["log"], Size);
        await device.FlushAsync();
        await using var filler = FileBlockDevice.Create(outer["filler"], outer.FreeRoom, allocate: true);
        await ExpectAsync(BlockDeviceError.InputOutput, device, Larger);
        Assert.Equal(Size, device.Size);
    }

    private static void AssertUnchanged(FileBlockDevice device)
    {
        Assert.Equal(Size, device.Size);
        Assert.Equal(Size, new FileInfo(device.Name).Length);
    }

    private static async Task<BlockDeviceException> ExpectAsync(BlockDeviceError reason, FileBlockDevice device, long size)
    {
        var error = await Assert.ThrowsAsync<BlockDeviceException>(() => device.GrowAsync(size).AsTask());
        Assert.Equal(reason, error.Reason);
        return error;
    }
}
