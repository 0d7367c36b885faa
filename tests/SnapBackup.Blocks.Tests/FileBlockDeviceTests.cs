namespace SnapBackup.Blocks.Tests;

public sealed class FileBlockDeviceTests : IDisposable
{
    private const int Size = 1_000_000;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_written_is_read_at_any_offset()
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], Size);
        var data = RandomBytes(70_001);
        await device.WriteAsync(123_457, data);
        var read = new byte[data.Length];
        await device.ReadAsync(123_457, read);
        Assert.Equal(data, read);
    }

    [Fact]
    public async Task What_the_page_cache_can_serve_completes_at_once()
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], Size);
        Assert.True(device.WriteAsync(0, new byte[4096]).IsCompletedSuccessfully);
        Assert.True(device.ReadAsync(0, new byte[4096]).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Reads_and_writes_of_cached_pages_allocate_nothing()
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], Size);
        var buffer = new byte[4096];
        Transfer(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Transfer(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Transfer(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Assert.True(device.WriteAsync(i * 512, buffer).IsCompletedSuccessfully);
                Assert.True(device.ReadAsync(i * 512, buffer).IsCompletedSuccessfully);
            }
        }
    }

    [Fact]
    public async Task A_page_that_is_not_cached_is_read_from_the_medium()
    {
        var data = RandomBytes(Size);
        await File.WriteAllBytesAsync(_folder["disk"], data);
        await using var device = FileBlockDevice.Open(_folder["disk"]);
        await device.FlushAsync();
        // dd drops the pages of a whole file when it is asked to copy none of it without caching.
        (await ExternalTool.Require("dd").RunAsync($"if={_folder["disk"]}", "iflag=nocache", "count=0", "status=none")).Succeeded();
        var read = new byte[Size];
        await device.ReadAsync(0, read);
        Assert.Equal(data, read);
    }

    [Fact]
    public async Task Zeros_and_trims_leave_holes_that_are_told_apart_from_data()
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], 1 << 20);
        await device.WriteAsync(0, RandomBytes(1 << 20));
        await device.WriteZeroesAsync(1 << 18, 1 << 18);
        await device.TrimAsync(3 << 18, 1 << 18);
        var kinds = new List<(long Length, ExtentKind Kind)>();
        for (var offset = 0L; offset < device.Size;)
        {
            var extent = await device.GetExtentAsync(offset, device.Size - offset);
            kinds.Add((extent.Length, extent.Kind));
            offset += extent.Length;
        }

        Assert.Equal(
            [(1 << 18, ExtentKind.Data), (1 << 18, ExtentKind.Hole), (1 << 18, ExtentKind.Data), (1 << 18, ExtentKind.Hole)], kinds);
        var zeros = new byte[1 << 18];
        await device.ReadAsync(1 << 18, zeros);
        Assert.False(zeros.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Zeros_without_a_hole_keep_their_space()
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], 1 << 20);
        await device.WriteAsync(0, RandomBytes(1 << 20));
        await device.WriteZeroesAsync(1000, 500_001, WriteOptions.NoHole | WriteOptions.ForceUnitAccess);
        var read = new byte[1 << 20];
        await device.ReadAsync(0, read);
        Assert.False(read.AsSpan(1000, 500_001).ContainsAnyExcept((byte)0));
        Assert.True(read.AsSpan(0, 1000).ContainsAnyExcept((byte)0));
        var blocks = (await ExternalTool.Require("stat").RunAsync("-c", "%b", _folder["disk"])).Succeeded().Output;
        Assert.True(long.Parse(blocks) * 512 >= 1 << 20);
    }

    [Fact]
    public async Task A_write_with_FUA_and_a_flush_complete()
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], Size);
        await device.WriteAsync(Size - 1, new byte[] { 7 }, WriteOptions.ForceUnitAccess);
        await device.FlushAsync();
        await device.DisposeAsync();
        Assert.Equal(7, (await File.ReadAllBytesAsync(_folder["disk"]))[Size - 1]);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(Size, 1)]
    [InlineData(Size - 1, 2)]
    [InlineData(long.MaxValue, 1)]
    public async Task Requests_outside_are_refused(long offset, int length)
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], Size);
        await ExpectAsync(BlockDeviceError.OutOfRange, () => device.ReadAsync(offset, new byte[length]).AsTask());
        await ExpectAsync(BlockDeviceError.OutOfRange, () => device.WriteAsync(offset, new byte[length]).AsTask());
        await ExpectAsync(BlockDeviceError.OutOfRange, () => device.WriteZeroesAsync(offset, length).AsTask());
        await ExpectAsync(BlockDeviceError.OutOfRange, () => device.TrimAsync(offset, length).AsTask());
        await ExpectAsync(BlockDeviceError.OutOfRange, () => device.GetExtentAsync(offset, length).AsTask());
    }

    [Fact]
    public async Task A_request_of_no_bytes_is_fine()
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], Size);
        await device.ReadAsync(Size, Memory<byte>.Empty);
        await device.WriteAsync(Size, ReadOnlyMemory<byte>.Empty);
        await device.WriteZeroesAsync(Size, 0);
        await device.TrimAsync(Size, 0);
    }

    [Fact]
    public async Task A_device_opened_for_reading_refuses_changes()
    {
        await File.WriteAllBytesAsync(_folder["disk"], new byte[Size]);
        await using var device = FileBlockDevice.Open(_folder["disk"], new FileBlockDeviceOptions { ReadOnly = true });
        await ExpectAsync(BlockDeviceError.ReadOnly, () => device.WriteAsync(0, new byte[1]).AsTask());
        await ExpectAsync(BlockDeviceError.ReadOnly, () => device.WriteZeroesAsync(0, 1).AsTask());
        await ExpectAsync(BlockDeviceError.ReadOnly, () => device.TrimAsync(0, 1).AsTask());
    }

    [Fact]
    public async Task Readers_may_share_a_file_but_not_with_a_writer()
    {
        await File.WriteAllBytesAsync(_folder["disk"], new byte[Size]);
        var reading = new FileBlockDeviceOptions { ReadOnly = true };
        await using (FileBlockDevice.Open(_folder["disk"], reading))
        {
            await using var second = FileBlockDevice.Open(_folder["disk"], reading);
            Expect(BlockDeviceError.Busy, () => FileBlockDevice.Open(_folder["disk"]));
        }

        await using var writer = FileBlockDevice.Open(_folder["disk"]);
        Expect(BlockDeviceError.Busy, () => FileBlockDevice.Open(_folder["disk"], reading));
        Expect(BlockDeviceError.Busy, () => FileBlockDevice.Open(_folder["disk"]));
    }

    [Fact]
    public async Task A_shared_opener_is_let_in_beside_an_exclusive_one()
    {
        await using var owner = FileBlockDevice.Create(_folder["disk"], Size);
        await using var guest = FileBlockDevice.Open(_folder["disk"], new FileBlockDeviceOptions { ReadOnly = true, Exclusive = false });
        Assert.Equal(owner.Identity, guest.Identity);
    }

    [Fact]
    public void Creating_over_an_existing_file_is_refused_and_leaves_it()
    {
        File.WriteAllText(_folder["disk"], "precious");
        Expect(BlockDeviceError.AlreadyExists, () => FileBlockDevice.Create(_folder["disk"], Size));
        Assert.Equal("precious", File.ReadAllText(_folder["disk"]));
    }

    [Fact]
    public void Creating_what_the_disk_has_no_room_for_leaves_no_file()
    {
        Expect(BlockDeviceError.NoSpace, () => FileBlockDevice.Create(_folder["disk"], 1L << 43, allocate: true));
        Assert.False(File.Exists(_folder["disk"]));
    }

    [Fact]
    public void What_is_no_file_or_block_device_is_refused()
    {
        Expect(BlockDeviceError.NotFound, () => FileBlockDevice.Open(_folder["nothing"]));
        Expect(BlockDeviceError.NotFound, () => FileBlockDevice.Open(_folder["no/such/folder"]));
        Expect(BlockDeviceError.NotABlockDevice, () => FileBlockDevice.Open(_folder.Path));
        Expect(BlockDeviceError.NotABlockDevice, () => FileBlockDevice.Open("/dev/zero"));
    }

    [Fact]
    public async Task A_file_made_smaller_meanwhile_is_noticed()
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], Size);
        (await ExternalTool.Require("truncate").RunAsync("-s", "5000", _folder["disk"])).Succeeded();
        await ExpectAsync(BlockDeviceError.SizeChanged, () => device.ReadAsync(4000, new byte[2000]).AsTask());
        await device.ReadAsync(4000, new byte[1000]);
        await ExpectAsync(BlockDeviceError.SizeChanged, () => device.GetExtentAsync(8192, 1000).AsTask());
    }

    [Fact]
    public async Task A_cancelled_request_is_not_begun()
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], Size);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.WriteAsync(0, new byte[] { 1 }, WriteOptions.None, cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.ReadAsync(0, new byte[1], cancelled).AsTask());
        var read = new byte[1];
        await device.ReadAsync(0, read);
        Assert.Equal(0, read[0]);
    }

    [Fact]
    public async Task A_closed_device_says_so()
    {
        var device = FileBlockDevice.Create(_folder["disk"], Size);
        await device.DisposeAsync();
        await ExpectAsync(BlockDeviceError.Closed, () => device.ReadAsync(0, new byte[1]).AsTask());
        await ExpectAsync(BlockDeviceError.Closed, () => device.WriteAsync(0, new byte[1]).AsTask());
        await ExpectAsync(BlockDeviceError.Closed, () => device.FlushAsync().AsTask());
        await ExpectAsync(BlockDeviceError.Closed, () => device.GetExtentAsync(0, 1).AsTask());
    }

    [Fact]
    public async Task A_pipe_is_refused_and_not_waited_for()
    {
        (await ExternalTool.Require("mkfifo").RunAsync(_folder["pipe"])).Succeeded();
        Expect(BlockDeviceError.NotABlockDevice, () => FileBlockDevice.Open(_folder["pipe"], new FileBlockDeviceOptions { ReadOnly = true }));
        Expect(BlockDeviceError.NotABlockDevice, () => FileBlockDevice.Open(_folder["pipe"]));
    }

    [Fact]
    public async Task A_regular_file_has_no_read_ahead_of_its_own()
    {
        await using var device = FileBlockDevice.Create(_folder["disk"], Size);
        Expect(BlockDeviceError.NotSupported, () => device.ReadAhead);
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static void Expect(BlockDeviceError reason, Func<object?> action) =>
        Assert.Equal(reason, Assert.Throws<BlockDeviceException>(action).Reason);

    private static async Task ExpectAsync(BlockDeviceError reason, Func<Task> action) =>
        Assert.Equal(reason, (await Assert.ThrowsAsync<BlockDeviceException>(action)).Reason);
}
