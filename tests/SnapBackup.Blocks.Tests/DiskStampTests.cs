namespace SnapBackup.Blocks.Tests;

/// <summary>Stamps of a real block device of the kernel, made of a file with <c>losetup</c>.</summary>
public sealed class DiskStampTests : IAsyncLifetime
{
    private const int Size = 64 << 20;
    private const int BetweenSamples = (1 << 20) + 512;

    private static readonly string[] Partition = ["1", "20480", "40960"];
    private const int PartitionStart = 20480 * 512;

    private readonly TempFolder _folder = new();
    private readonly List<string> _loops = [];
    private string _disk = "";

    private string Backing => _folder["backing"];

    private string OtherName => _folder["other-name"];

    public async ValueTask InitializeAsync()
    {
        ExternalTool.RequireRoot();
        await using (FileBlockDevice.Create(Backing, Size))
        {
            // made, and closed for the loop device
        }

        _disk = await AttachAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var loop in _loops)
            await DetachAsync(loop);
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_written_is_nothing_noticed()
    {
        var earlier = await StampAsync();
        Assert.True(earlier.IsKnown);
        Assert.NotEqual(0UL, earlier.Identity);
        Assert.NotEqual(0UL, earlier.Session);
        (await ExternalTool.Require("cat").RunAsync(_disk)).Succeeded();
        Assert.Equal(earlier, await StampAsync());
    }

    [Fact]
    public async Task Our_own_writes_are_in_the_stamp_though_nobody_flushed_them()
    {
        DeviceStamp earlier;
        await using (var device = FileBlockDevice.Open(_disk))
        {
            await device.WriteAsync(1234, new byte[1 << 20]);
            await device.TrimAsync(8 << 20, 1 << 20);
            earlier = await device.ReadStampAsync();
        }

        (await ExternalTool.Require("sync").RunAsync()).Succeeded();
        Assert.Equal(earlier, await StampAsync());
    }

    [Theory]
    [InlineData("dd", "if=/dev/zero", "of={0}", "bs=512", "count=1", "seek=2049", "conv=notrunc")]
    [InlineData("dd", "if=/dev/zero", "of={0}", "bs=4096", "count=1", "seek=700", "conv=notrunc", "oflag=direct")]
    [InlineData("blkdiscard", "--offset", "8388608", "--length", "4096", "{0}")]
    [InlineData("blkdiscard", "--zeroout", "--offset", "8388608", "--length", "4096", "{0}")]
    public async Task A_change_of_any_sector_is_noticed_while_the_kernel_runs(string tool, params string[] arguments)
    {
        var earlier = await StampOfBytesAsync();
        (await ExternalTool.Require(tool).RunAsync([.. arguments.Select(argument => string.Format(null, argument, _disk))])).Succeeded();
        var later = await StampAsync();
        Assert.Equal(earlier.Content, later.Content); // zeros over zeros: no sample could tell
        Assert.True(later.MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task A_write_of_somebody_who_has_it_open_still_is_noticed_before_it_reaches_the_medium()
    {
        var earlier = await StampOfBytesAsync();
        await using var other = FileBlockDevice.Open(_disk, new FileBlockDeviceOptions { Exclusive = false });
        await other.WriteAsync(BetweenSamples, new byte[512]);
        Assert.True((await StampAsync()).MayHaveBeenWrittenSince(earlier));
    }

    [Theory]
    [InlineData(0)]
    [InlineData((1 << 20) - 1)]
    [InlineData(PartitionStart)]
    [InlineData(PartitionStart + (128 << 10) - 1)]
    [InlineData(Size - (1 << 20))]
    [InlineData(Size - 1)]
    public async Task A_write_where_mounts_and_partition_editors_write_is_noticed_after_a_restart(long offset)
    {
        await WithPartitionAsync(async _ =>
        {
            var earlier = await StampOfBytesAsync();
            await WriteAsync(offset, 1);
            Assert.True(AfterRestart(await StampAsync()).MayHaveBeenWrittenSince(earlier));
        });
    }

    [Fact]
    public async Task Writing_much_is_noticed_after_a_restart_wherever_it_was()
    {
        var earlier = await StampOfBytesAsync();
        await WriteAsync(24 << 20, 4 << 20);
        Assert.True(AfterRestart(await StampAsync()).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task Nothing_written_is_nothing_noticed_after_a_restart()
    {
        var earlier = await StampAsync();
        Assert.False(AfterRestart(await StampAsync()).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task Any_write_to_the_file_behind_a_loop_device_is_noticed_after_a_restart()
    {
        var earlier = await StampAsync();
        await using (var file = new FileStream(Backing, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = BetweenSamples;
            file.WriteByte(0);
        }

        Assert.True(AfterRestart(await StampAsync()).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task A_disk_that_was_taken_off_and_put_back_may_have_been_written()
    {
        var earlier = await StampAsync();
        await DetachAsync(_disk);
        _loops.Remove(_disk);
        _disk = await AttachAsync();
        Assert.True((await StampAsync()).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task A_partition_has_a_stamp_of_its_own()
    {
        await WithPartitionAsync(async partition =>
        {
            var earlier = await StampAsync(partition);
            Assert.NotEqual(0UL, earlier.Identity);
            Assert.NotEqual((await StampAsync()).Identity, earlier.Identity);
            await WriteAsync(BetweenSamples, 512); // elsewhere on the disk
            Assert.False((await StampAsync(partition)).MayHaveBeenWrittenSince(earlier));
            await WriteAsync(BetweenSamples, 512, partition);
            Assert.True((await StampAsync(partition)).MayHaveBeenWrittenSince(earlier));
        });
    }

    [Fact]
    public async Task Samples_of_a_partition_are_those_of_the_medium_and_not_of_the_page_cache()
    {
        await WithPartitionAsync(async partition =>
        {
            await using var device = FileBlockDevice.Open(partition, new FileBlockDeviceOptions { Exclusive = false });
            var earlier = await device.ReadStampAsync();
            await WriteAsync(PartitionStart, 1); // through the whole disk's node, which has a cache of its own
            Assert.True((await device.ReadStampAsync()).MayHaveBeenWrittenSince(earlier));
        });
    }

    [Fact]
    public async Task Two_disks_have_two_identities()
    {
        (await ExternalTool.Require("cp").RunAsync(Backing, _folder["other"])).Succeeded();
        var other = await AttachAsync("other");
        Assert.NotEqual((await StampAsync()).Identity, (await StampAsync(other)).Identity);
    }

    [Fact]
    public async Task The_smallest_disk_has_a_stamp()
    {
        await File.WriteAllBytesAsync(_folder["tiny"], new byte[512]);
        var tiny = await AttachAsync("tiny");
        var earlier = await StampAsync(tiny);
        Assert.False((await StampAsync(tiny)).MayHaveBeenWrittenSince(earlier));
        await WriteAsync(511, 1, tiny);
        Assert.True((await StampAsync(tiny)).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_read_everywhere_has_a_stamp()
    {
        var earlier = await StampOfBytesAsync();
        (await ExternalTool.Require("truncate").RunAsync("-s", $"{Size / 2}", OtherName)).Succeeded();
        await using var device = FileBlockDevice.Open(_disk);
        await Assert.ThrowsAsync<BlockDeviceException>(() => device.ReadAsync(Size - 4096, new byte[4096]).AsTask());
        var later = await device.ReadStampAsync();
        Assert.True(later.IsKnown);
        Assert.True(AfterRestart(later).MayHaveBeenWrittenSince(earlier));
    }

    /// <summary>As the stamp would be in the next session, in which the counters say nothing.</summary>
    private static DeviceStamp AfterRestart(DeviceStamp stamp) => stamp with { Session = stamp.Session + 1, Counter = 0 };

    private async Task<DeviceStamp> StampAsync(string? disk = null)
    {
        await using var device = FileBlockDevice.Open(disk ?? _disk);
        return await device.ReadStampAsync();
    }

    /// <summary>
    /// The stamp of the disk as one of bytes alone, as other disks are: what stands behind it loses its name, and with it
    /// the times that would tell of every write.
    /// </summary>
    private async Task<DeviceStamp> StampOfBytesAsync()
    {
        (await ExternalTool.Require("ln").RunAsync(Backing, OtherName)).Succeeded();
        File.Delete(Backing);
        return await StampAsync();
    }

    private async Task WriteAsync(long offset, int length, string? disk = null)
    {
        await using var device = FileBlockDevice.Open(disk ?? _disk, new FileBlockDeviceOptions { Exclusive = false });
        await device.WriteAsync(offset, Enumerable.Repeat((byte)1, length).ToArray());
        await device.FlushAsync();
    }

    private async Task WithPartitionAsync(Func<string, Task> test)
    {
        (await ExternalTool.Require("addpart").RunAsync([_disk, .. Partition])).Succeeded();
        try
        {
            await test($"{_disk}p{Partition[0]}");
        }
        finally
        {
            (await ExternalTool.Require("delpart").RunAsync(_disk, Partition[0])).Succeeded();
        }
    }

    private async Task<string> AttachAsync(string name = "backing")
    {
        var loop = (await ExternalTool.Require("losetup").RunAsync("--find", "--show", _folder[name])).Succeeded().Output.Trim();
        _loops.Add(loop);
        return loop;
    }

    private static async Task DetachAsync(string loop) => (await ExternalTool.Require("losetup").RunAsync("--detach", loop)).Succeeded();
}
