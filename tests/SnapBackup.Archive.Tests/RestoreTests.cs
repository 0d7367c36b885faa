using System.Text;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Tests;

public sealed class RestoreTests : IAsyncLifetime
{
    private const int HeadSize = 1024 * 1024;

    private readonly TempFolder _folder = new();
    private readonly byte[] _image = TestImage.Mixed((3 * HeadSize) + 777);
    private ImageArchive _archive = null!;
    private ArchiveInfo _info = null!;

    public async ValueTask InitializeAsync()
    {
        // Frame 0 holds data, so that a blank head is a visible one.
        _image.AsSpan(0, 2048).Fill(0x55);
        var store = TestArchive.Store(_folder);
        _info = await store.CreateAsync(new MemoryBlockDevice("disk", _image), TestArchive.Options());
        _archive = await store.OpenAsync(_info.Name);
    }

    public async ValueTask DisposeAsync()
    {
        await _archive.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_that_exists_is_refused_and_stays_as_it_was()
    {
        await File.WriteAllTextAsync(_folder["disk.img"], "precious");

        var error = await Assert.ThrowsAsync<ArchiveException>(() => _archive.RestoreAsync(_folder["disk.img"]));

        Assert.Equal(ArchiveError.TargetRefused, error.Reason);
        Assert.Equal("precious", await File.ReadAllTextAsync(_folder["disk.img"]));
    }

    [Fact]
    public async Task A_file_that_exists_is_overwritten_when_asked_and_keeps_what_lies_beyond_the_image()
    {
        await File.WriteAllBytesAsync(_folder["disk.img"], Enumerable.Repeat((byte)7, _image.Length + 5).ToArray());

        await _archive.RestoreAsync(_folder["disk.img"], overwrite: true);

        var restored = await File.ReadAllBytesAsync(_folder["disk.img"]);
        Assert.Equal(_image, restored[.._image.Length]);
        Assert.Equal([7, 7, 7, 7, 7], restored[_image.Length..]);
    }

    [Fact]
    public async Task A_block_device_is_overwritten_when_asked()
    {
        ExternalTool.RequireRoot();
        var losetup = ExternalTool.Require("losetup");
        await File.WriteAllBytesAsync(_folder["backing"], new byte[4 * HeadSize]);
        var device = (await losetup.RunAsync("--find", "--show", _folder["backing"])).Succeeded().Output.Trim();
        try
        {
            var error = await Assert.ThrowsAsync<ArchiveException>(() => _archive.RestoreAsync(device));
            Assert.Equal(ArchiveError.TargetRefused, error.Reason);
            await _archive.RestoreAsync(device, overwrite: true);
        }
        finally
        {
            (await losetup.RunAsync("--detach", device)).Succeeded();
        }

        Assert.Equal(_image, (await File.ReadAllBytesAsync(_folder["backing"]))[.._image.Length]);
    }

    [Fact]
    public async Task A_target_that_is_too_small_is_refused_untouched()
    {
        var target = new MemoryBlockDevice("small", Enumerable.Repeat((byte)7, _image.Length - 1).ToArray());

        var error = await Assert.ThrowsAsync<ArchiveException>(() => _archive.RestoreAsync(target));

        Assert.Equal(ArchiveError.TargetTooSmall, error.Reason);
        Assert.Equal(-1, target.Content.AsSpan().IndexOfAnyExcept((byte)7));
    }

    [Fact]
    public async Task A_target_that_can_only_be_read_is_refused()
    {
        var error = await Assert.ThrowsAsync<ArchiveException>(
            () => _archive.RestoreAsync(new MemoryBlockDevice("disk", _image.Length) { IsReadOnly = true }));

        Assert.Equal(ArchiveError.TargetRefused, error.Reason);
    }

    [Fact]
    public async Task A_folder_is_no_target()
    {
        var error = await Assert.ThrowsAsync<BlockDeviceException>(() => _archive.RestoreAsync(_folder.Path, overwrite: true));

        Assert.Equal(BlockDeviceError.NotABlockDevice, error.Reason);
    }

    [Fact]
    public async Task A_new_file_that_does_not_fit_is_gone()
    {
        await using var small = await SmallFileSystem.MountAsync(kibibytes: 256);

        var error = await Assert.ThrowsAsync<BlockDeviceException>(() => _archive.RestoreAsync(small["new.img"]));

        Assert.Equal(BlockDeviceError.NoSpace, error.Reason);
        Assert.Empty(Directory.GetFiles(small.Path));
    }

    [Fact]
    public async Task A_new_file_is_as_sparse_as_the_image()
    {
        var image = new byte[TestArchive.FrameSize * 2];
        image[TestImage.Page * 3] = 1;
        await using var archive = await TestArchive.Open(await TestArchive.BytesOf(image));

        await archive.RestoreAsync(_folder["new.img"]);

        await using var restored = FileBlockDevice.Open(_folder["new.img"]);
        Assert.Equal(new BlockExtent(TestImage.Page * 3, ExtentKind.Hole), await restored.GetExtentAsync(0, restored.Size));
        Assert.Equal(new BlockExtent(TestImage.Page, ExtentKind.Data), await restored.GetExtentAsync(TestImage.Page * 3, TestImage.Page * 5));
    }

    [Fact]
    public async Task A_target_in_use_is_refused_untouched()
    {
        await File.WriteAllBytesAsync(_folder["disk.img"], new byte[_image.Length]);
        await using var user = FileBlockDevice.Open(_folder["disk.img"]);

        var error = await Assert.ThrowsAsync<BlockDeviceException>(() => _archive.RestoreAsync(_folder["disk.img"], overwrite: true));

        Assert.Equal(BlockDeviceError.Busy, error.Reason);
        Assert.Equal(-1, (await File.ReadAllBytesAsync(_folder["disk.img"])).AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public async Task An_archive_is_not_restored_over_itself()
    {
        File.CreateSymbolicLink(_folder["link"], _info.Path);

        var error = await Assert.ThrowsAsync<ArchiveException>(() => _archive.RestoreAsync(_folder["link"], overwrite: true));

        Assert.Equal(ArchiveError.TargetRefused, error.Reason);
        Assert.True((await _archive.VerifyAsync()).IsIntact);
    }

    [Theory]
    [InlineData("write", 1)]
    [InlineData("write", 2)]
    [InlineData("write", 10)]
    [InlineData("write", 40)]
    [InlineData("zero", 1)]
    [InlineData("flush", 1)]
    [InlineData("flush", 2)]
    public async Task A_target_that_fails_holds_no_image_and_says_so(string operation, int atCall)
    {
        var target = UsedDisk();
        var calls = 0;
        target.Fault = (what, _, _) =>
        {
            if (what == operation && Interlocked.Increment(ref calls) >= atCall)
                throw new BlockDeviceException(BlockDeviceError.InputOutput, "used disk: bad sector.");
        };

        var error = await Assert.ThrowsAsync<ArchiveException>(() => _archive.RestoreAsync(target));

        Assert.Equal(ArchiveError.RestoreUnfinished, error.Reason);
        Assert.Contains("bad sector", error.Message, StringComparison.Ordinal);
        Assert.IsType<BlockDeviceException>(error.InnerException);
        Assert.False(_image.AsSpan(0, HeadSize).SequenceEqual(target.Content.AsSpan(0, HeadSize)));
    }

    [Fact]
    public async Task A_restore_that_stops_leaves_a_blank_head_with_a_notice()
    {
        var target = UsedDisk();
        using var stop = new CancellationTokenSource();
        var progress = new ImmediateProgress(_ => stop.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _archive.RestoreAsync(target, progress, stop.Token));

        Assert.StartsWith(
            $"SnapBackup: the restore of {_info.Name} to this device has not finished.\n",
            Encoding.ASCII.GetString(target.Content, 0, 512),
            StringComparison.Ordinal);
        Assert.Equal(-1, target.Content.AsSpan(512, HeadSize - 512).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public async Task The_head_is_written_after_all_else_was_flushed()
    {
        var target = UsedDisk();
        var headWrites = new List<int>();
        var lateWrites = 0;
        target.Fault = (what, offset, _) =>
        {
            if (what == "write" && offset < HeadSize && target.Flushes > 0)
                headWrites.Add(target.Flushes);
            else if (what == "write" && target.Flushes > 1)
                lateWrites++;
        };

        await _archive.RestoreAsync(target);

        Assert.Equal(_image, target.Content);
        Assert.NotEmpty(headWrites);
        Assert.All(headWrites, flushes => Assert.Equal(2, flushes));
        Assert.Equal(0, lateWrites);
        Assert.Equal(3, target.Flushes);
    }

    [Fact]
    public async Task A_damaged_archive_leaves_no_new_file()
    {
        var bytes = await File.ReadAllBytesAsync(_info.Path);
        bytes[bytes.Length / 2] ^= 0x10;
        await using var damaged = await TestArchive.Open(bytes);

        var error = await Assert.ThrowsAsync<ArchiveException>(() => damaged.RestoreAsync(_folder["new.img"]));

        Assert.Equal(ArchiveError.Damaged, error.Reason);
        AssertNothingNew();
    }

    [Fact]
    public async Task A_cancelled_restore_leaves_no_new_file()
    {
        using var stop = new CancellationTokenSource();
        var progress = new ImmediateProgress(_ => stop.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _archive.RestoreAsync(_folder["new.img"], false, progress, stop.Token));

        AssertNothingNew();
    }

    [Fact]
    public async Task What_a_dead_restore_left_is_replaced_and_a_living_one_is_not()
    {
        await File.WriteAllTextAsync(_folder["new.img.snapbackup-partial"], "left by a crash");
        await using (FileBlockDevice.Open(_folder["new.img.snapbackup-partial"]))
        {
            var error = await Assert.ThrowsAsync<BlockDeviceException>(() => _archive.RestoreAsync(_folder["new.img"]));
            Assert.Equal(BlockDeviceError.Busy, error.Reason);
        }

        await _archive.RestoreAsync(_folder["new.img"]);

        Assert.Equal(_image, await File.ReadAllBytesAsync(_folder["new.img"]));
        Assert.False(File.Exists(_folder["new.img.snapbackup-partial"]));
    }

    [Fact]
    public async Task A_file_that_appears_during_the_restore_is_not_overwritten()
    {
        var progress = new ImmediateProgress(_ => File.WriteAllText(_folder["new.img"], "came first"));

        var error = await Assert.ThrowsAsync<ArchiveException>(() => _archive.RestoreAsync(_folder["new.img"], progress: progress));

        Assert.Equal(ArchiveError.TargetRefused, error.Reason);
        Assert.Equal("came first", await File.ReadAllTextAsync(_folder["new.img"]));
        Assert.False(File.Exists(_folder["new.img.snapbackup-partial"]));
    }

    private MemoryBlockDevice UsedDisk() => new("used disk", Enumerable.Repeat((byte)0xEE, _image.Length).ToArray());

    private void AssertNothingNew() => Assert.Equal([_info.Path], Directory.GetFiles(_folder.Path));
}
