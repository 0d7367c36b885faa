using System.IO.MemoryMappedFiles;
using SnapBackup.Blocks.Linux;
using SnapBackup.Blocks.Stamps;

namespace SnapBackup.Blocks.Tests;

public sealed class FileStampTests : IAsyncLifetime
{
    private const int Size = 1 << 20;

    private readonly TempFolder _folder = new();

    private string Disk => _folder["disk"];

    public async ValueTask InitializeAsync() => await File.WriteAllBytesAsync(Disk, Enumerable.Repeat((byte)5, Size).ToArray());

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Nothing_written_is_nothing_noticed()
    {
        var earlier = await StampAsync(Disk);
        Assert.True(earlier.IsKnown);
        Assert.False((await StampAsync(Disk)).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task Our_own_writes_before_the_stamp_are_in_it_whenever_they_reach_the_medium()
    {
        DeviceStamp earlier;
        await using (var device = FileBlockDevice.Open(Disk))
        {
            await device.WriteAsync(0, new byte[70_000]);
            await device.WriteZeroesAsync(100_000, 100_000);
            await device.TrimAsync(300_000, 100_000);
            earlier = await device.ReadStampAsync();
        }

        (await ExternalTool.Require("sync").RunAsync("-f", Disk)).Succeeded();
        Assert.False((await StampAsync(Disk)).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task Reading_is_not_writing()
    {
        // A day-old access time is moved by the next reader (relatime).
        (await ExternalTool.Require("touch").RunAsync("-a", "-d", "2 days ago", Disk)).Succeeded();
        var earlier = await StampAsync(Disk);
        var accessed = File.GetLastAccessTimeUtc(Disk);
        (await ExternalTool.Require("cat").RunAsync(Disk)).Succeeded();
        Assert.SkipWhen(accessed == File.GetLastAccessTimeUtc(Disk), "The file system keeps no access times.");
        Assert.False((await StampAsync(Disk)).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task A_handle_for_reading_takes_the_same_stamp()
    {
        var earlier = await StampAsync(Disk);
        await using var reader = FileBlockDevice.Open(Disk, new FileBlockDeviceOptions { ReadOnly = true });
        Assert.Equal(earlier, await reader.ReadStampAsync());
    }

    [Theory]
    [InlineData("dd", "if=/dev/zero", "of={0}", "bs=1", "count=1", "seek=500000", "conv=notrunc")]
    [InlineData("dd", "if={0}", "of={0}", "bs=4096", "count=1", "conv=notrunc")] // the bytes that were there
    [InlineData("truncate", "-s", "-1", "{0}")]
    [InlineData("truncate", "-s", "+1", "{0}")]
    [InlineData("fallocate", "--punch-hole", "--offset", "65536", "--length", "4096", "{0}")]
    [InlineData("fallocate", "--zero-range", "--keep-size", "--offset", "65536", "--length", "4096", "{0}")]
    [InlineData("cp", "--preserve=all", "--force", "--remove-destination", "{0}.copy", "{0}")]
    [InlineData("mv", "{0}.copy", "{0}")]
    public async Task A_change_by_another_program_is_noticed(string tool, params string[] arguments)
    {
        (await ExternalTool.Require("cp").RunAsync("--preserve=all", Disk, Disk + ".copy")).Succeeded();
        var earlier = await StampAsync(Disk);
        (await ExternalTool.Require(tool).RunAsync([.. arguments.Select(argument => string.Format(null, argument, Disk))])).Succeeded();
        Assert.True((await StampAsync(Disk)).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task A_modification_time_that_was_put_back_hides_nothing()
    {
        (await ExternalTool.Require("cp").RunAsync("--preserve=timestamps", Disk, Disk + ".copy")).Succeeded();
        var earlier = await StampAsync(Disk);
        await WriteBehindOurBackAsync(Disk);
        (await ExternalTool.Require("touch").RunAsync("-m", $"--reference={Disk}.copy", Disk)).Succeeded();
        Assert.Equal(File.GetLastWriteTimeUtc(Disk + ".copy"), File.GetLastWriteTimeUtc(Disk));
        Assert.True((await StampAsync(Disk)).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task A_write_within_the_tick_of_the_stamp_is_noticed()
    {
        await using var ticks = await SmallFileSystem.OfTicksAsync(_folder["ticks"]);
        await using var device = FileBlockDevice.Create(ticks["disk"], Size);
        await using var other = new FileStream(ticks["disk"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        for (var time = 0; time < 20; time++)
        {
            await device.WriteAsync(0, new byte[1]);
            var earlier = await device.ReadStampAsync();
            other.Position = 0;
            other.WriteByte(1);
            Assert.True((await device.ReadStampAsync()).MayHaveBeenWrittenSince(earlier));
        }
    }

    [Fact]
    public async Task A_write_within_the_second_of_the_stamp_is_noticed_where_times_are_whole_seconds()
    {
        await using var small = await SmallFileSystem.OfExt4Async(_folder["small"], _folder["image"], 8 << 20, inodeSize: 128);
        await using var device = FileBlockDevice.Create(small["disk"], Size);
        var earlier = await device.ReadStampAsync();
        await device.WriteAsync(0, new byte[1]);
        Assert.True((await device.ReadStampAsync()).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task A_write_through_a_mapping_that_was_there_before_is_noticed()
    {
        await using var small = await SmallFileSystem.OfExt4Async(_folder["small"], _folder["image"], 8 << 20);
        await File.WriteAllBytesAsync(small["disk"], new byte[Size]);
        using var mapping = MemoryMappedFile.CreateFromFile(
            new FileStream(small["disk"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite),
            null, Size, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        using var view = mapping.CreateViewAccessor();
        view.Write(0, 1);
        await using var device = FileBlockDevice.Open(small["disk"], new FileBlockDeviceOptions { Exclusive = false });
        var earlier = await device.ReadStampAsync();
        view.Write(0, 2);
        Assert.True((await device.ReadStampAsync()).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task A_stamp_outlasts_a_power_cut()
    {
        DeviceStamp earlier;
        await using (var small = await SmallFileSystem.OfExt4Async(_folder["small"], _folder["image"], 8 << 20, "loop,lazytime"))
        {
            await using var device = FileBlockDevice.Create(small["disk"], Size, allocate: true);
            await device.WriteAsync(0, new byte[] { 1 });
            await device.FlushAsync();
            await device.WriteAsync(0, new byte[] { 2 }); // nothing but bytes and times changes: the times may stay in memory for a day
            await device.FlushAsync();
            earlier = await device.ReadStampAsync();
            File.Copy(_folder["image"], _folder["image-after-the-cut"]);
        }

        await using var recovered = await SmallFileSystem.OfImageAsync(_folder["small"], _folder["image-after-the-cut"]);
        Assert.Equal(earlier, await StampAsync(recovered["disk"]));
    }

    [Fact]
    public async Task A_time_in_a_far_future_is_not_waited_for()
    {
        // The change time cannot be set; a file system's own clock can: an image that was written by debugfs.
        await using (var small = await SmallFileSystem.OfExt4Async(_folder["small"], _folder["image"], 8 << 20))
            await File.WriteAllBytesAsync(small["disk"], new byte[Size]);
        (await ExternalTool.Require("debugfs").RunAsync("-w", "-R", "set_inode_field disk ctime 20380101000000", _folder["image"])).Succeeded();
        await using var later = await SmallFileSystem.OfImageAsync(_folder["small"], _folder["image"]);
        var earlier = await StampAsync(later["disk"]);
        Assert.True(earlier.IsKnown);
        await WriteBehindOurBackAsync(later["disk"]);
        Assert.True((await StampAsync(later["disk"])).MayHaveBeenWrittenSince(earlier));
    }

    [Fact]
    public async Task A_file_that_never_comes_to_rest_has_no_stamp()
    {
        var stamp = await FileStamp.ReadAsync(WriteAndAsk, CancellationToken.None);
        Assert.False(stamp.IsKnown);

        StatxBuffer WriteAndAsk()
        {
            File.WriteAllBytes(Disk, [1]);
            return StatxBuffer.Of(Disk)!.Value;
        }
    }

    [Fact]
    public async Task Two_files_have_two_identities()
    {
        (await ExternalTool.Require("cp").RunAsync("--preserve=all", Disk, Disk + ".copy")).Succeeded();
        Assert.NotEqual((await StampAsync(Disk)).Identity, (await StampAsync(Disk + ".copy")).Identity);
    }

    [Fact]
    public async Task A_closed_handle_takes_no_stamp()
    {
        var device = FileBlockDevice.Open(Disk);
        await device.DisposeAsync();
        Assert.Equal(BlockDeviceError.Closed, (await Assert.ThrowsAsync<BlockDeviceException>(() => device.ReadStampAsync().AsTask())).Reason);
    }

    [Fact]
    public async Task Taking_a_stamp_can_be_given_up()
    {
        await using var device = FileBlockDevice.Open(Disk);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.ReadStampAsync(new CancellationToken(canceled: true)).AsTask());
    }

    private static async Task<DeviceStamp> StampAsync(string path)
    {
        await using var device = FileBlockDevice.Open(path);
        return await device.ReadStampAsync();
    }

    private static async Task WriteBehindOurBackAsync(string path) =>
        (await ExternalTool.Require("dd").RunAsync("if=/dev/zero", $"of={path}", "bs=1", "count=1", "conv=notrunc")).Succeeded();
}
