namespace SnapBackup.Blocks.Tests;

/// <summary>A real block device of the kernel, made of a file with <c>losetup</c>.</summary>
public sealed class LoopBlockDeviceTests : IAsyncLifetime
{
    private const int Size = 4 << 20;

    private readonly TempFolder _folder = new();
    private string? _loop;

    public async ValueTask InitializeAsync()
    {
        ExternalTool.RequireRoot();
        await File.WriteAllBytesAsync(_folder["backing"], new byte[Size]);
        _loop = (await ExternalTool.Require("losetup").RunAsync("--find", "--show", _folder["backing"])).Succeeded().Output.Trim();
    }

    public async ValueTask DisposeAsync()
    {
        if (_loop is not null)
            (await ExternalTool.Require("losetup").RunAsync("--detach", _loop)).Succeeded();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_block_device_tells_its_size_and_sectors_and_keeps_what_is_written()
    {
        await using var device = FileBlockDevice.Open(_loop!);
        Assert.Equal(Size, device.Size);
        Assert.Equal(512, device.SectorSize);
        Assert.True(device.Identity.IsBlockDevice);
        await device.WriteAsync(1234, new byte[] { 1, 2, 3 });
        await device.FlushAsync();
        Assert.Equal(new byte[] { 1, 2, 3 }, (await File.ReadAllBytesAsync(_folder["backing"]))[1234..1237]);
    }

    [Fact]
    public async Task Zeros_and_trims_of_any_range_work_on_a_block_device()
    {
        await using var device = FileBlockDevice.Open(_loop!);
        await device.WriteAsync(0, Enumerable.Repeat((byte)9, Size).ToArray());
        await device.WriteZeroesAsync(1001, 700_000);
        await device.TrimAsync(1 << 20, (1 << 20) + 100);
        var read = new byte[Size];
        await device.ReadAsync(0, read);
        Assert.Equal(9, read[1000]);
        Assert.False(read.AsSpan(1001, 700_000).ContainsAnyExcept((byte)0));
        Assert.Equal(9, read[701_001]);
        Assert.Equal(9, read[(2 << 20) + 100]);
        Assert.Equal(new BlockExtent(Size, ExtentKind.Data), await device.GetExtentAsync(0, Size));
    }

    [Fact]
    public async Task It_does_not_grow_by_itself()
    {
        await using var device = FileBlockDevice.Open(_loop!);
        var error = await Assert.ThrowsAsync<BlockDeviceException>(() => device.GrowAsync(2 * Size).AsTask());
        Assert.Equal(BlockDeviceError.NotSupported, error.Reason);
    }

    [Fact]
    public async Task Its_read_ahead_can_be_asked_and_set()
    {
        await using var device = FileBlockDevice.Open(_loop!);
        device.ReadAhead = 256 << 10;
        Assert.Equal(256 << 10, device.ReadAhead);
    }

    [Fact]
    public async Task A_read_only_device_is_refused_for_writing()
    {
        var blockdev = ExternalTool.Require("blockdev");
        (await blockdev.RunAsync("--setro", _loop!)).Succeeded();
        var error = Assert.Throws<BlockDeviceException>(() => FileBlockDevice.Open(_loop!));
        Assert.Equal(BlockDeviceError.ReadOnly, error.Reason);
        await using var device = FileBlockDevice.Open(_loop!, new FileBlockDeviceOptions { ReadOnly = true });
        await device.ReadAsync(0, new byte[512]);
        (await blockdev.RunAsync("--setrw", _loop!)).Succeeded();
    }

    [Fact]
    public async Task A_second_exclusive_opener_is_refused()
    {
        await using var device = FileBlockDevice.Open(_loop!);
        Assert.Equal(BlockDeviceError.Busy, Assert.Throws<BlockDeviceException>(() => FileBlockDevice.Open(_loop!)).Reason);
    }

    [Fact]
    public async Task Programs_that_are_being_started_do_not_make_a_closed_device_busy()
    {
        var program = ExternalTool.Require("true");
        var starting = Task.Run(async () =>
        {
            for (var time = 0; time < 100; time++)
                (await program.RunAsync()).Succeeded();
        });
        do
            await FileBlockDevice.Open(_loop!).DisposeAsync();
        while (!starting.IsCompleted);
        await starting;
    }

    [Fact]
    public async Task Writes_that_were_lost_are_lost_for_every_later_flush()
    {
        // A sparse file on a file system that is too small for it: the kernel takes the writes and loses them at the flush.
        Directory.CreateDirectory(_folder["small"]);
        (await ExternalTool.Require("mount").RunAsync("-t", "tmpfs", "-o", "size=1m", "none", _folder["small"])).Succeeded();
        try
        {
            await using (FileBlockDevice.Create(_folder["small/backing"], Size))
            {
                // made, and closed for the loop device
            }

            var losetup = ExternalTool.Require("losetup");
            var loop = (await losetup.RunAsync("--find", "--show", _folder["small/backing"])).Succeeded().Output.Trim();
            try
            {
                await using var device = FileBlockDevice.Open(loop);
                await device.WriteAsync(0, Enumerable.Repeat((byte)1, 3 << 20).ToArray());
                for (var time = 0; time < 3; time++)
                {
                    var error = await Assert.ThrowsAsync<BlockDeviceException>(() => device.FlushAsync().AsTask());
                    Assert.Equal(BlockDeviceError.InputOutput, error.Reason);
                }
            }
            finally
            {
                (await losetup.RunAsync("--detach", loop)).Succeeded();
            }
        }
        finally
        {
            (await ExternalTool.Require("umount").RunAsync("-l", _folder["small"])).Succeeded();
        }
    }

    [Fact]
    public async Task A_mounted_device_is_refused()
    {
        (await ExternalTool.Require("mke2fs").RunAsync("-q", "-t", "ext4", _loop!)).Succeeded();
        Directory.CreateDirectory(_folder["mnt"]);
        (await ExternalTool.Require("mount").RunAsync(_loop!, _folder["mnt"])).Succeeded();
        try
        {
            var error = Assert.Throws<BlockDeviceException>(() => FileBlockDevice.Open(_loop!));
            Assert.Equal(BlockDeviceError.Busy, error.Reason);
            Assert.Contains("unmount", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            (await ExternalTool.Require("umount").RunAsync(_folder["mnt"])).Succeeded();
        }
    }
}
