using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

/// <summary>What is refused at set-up (O1, O2), before anything is changed.</summary>
public sealed class SetUpTests : IDisposable
{
    private const long Mebibyte = 1 << 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_device_is_set_up_from_a_source_and_logs_and_creates_missing_logs()
    {
        await using var device = await SetUpAsync(new LogOptions { Path = _folder["log0"], Size = Mebibyte });
        Assert.Equal("snap0", device.Name);
        Assert.Equal(3 * Mebibyte, device.Size);
        Assert.Equal(Mebibyte, new FileInfo(_folder["log0"]).Length);
        await device.TearDownAsync();
    }

    [Fact]
    public Task A_missing_source_is_refused() => Errors.ExpectAsync(
        BlockDeviceError.NotFound, "nothing", () => SnapDevice.SetUpAsync(Options(_folder["nothing"], Log("log0"))));

    [Fact]
    public Task A_source_that_is_no_block_device_is_refused() => Errors.ExpectAsync(
        BlockDeviceError.NotABlockDevice, "/dev/null", () => SnapDevice.SetUpAsync(Options("/dev/null", Log("log0"))));

    [Fact]
    public Task A_folder_as_source_is_refused() => Errors.ExpectAsync(
        BlockDeviceError.NotABlockDevice, _folder.Path, () => SnapDevice.SetUpAsync(Options(_folder.Path, Log("log0"))));

    [Fact]
    public async Task An_empty_source_is_refused_and_the_log_made_for_it_is_gone()
    {
        await File.WriteAllBytesAsync(_folder["empty"], []);
        await Errors.ExpectAsync(EngineError.EmptySource, "empty", () => SnapDevice.SetUpAsync(Options(_folder["empty"], Log("log0"))));
        Assert.False(File.Exists(_folder["log0"]));
    }

    [Fact]
    public async Task A_source_in_use_is_refused_in_this_process()
    {
        await using var device = await SetUpAsync(Log("log0"));
        await Errors.ExpectAsync(BlockDeviceError.Busy, "source", () => SetUpAsync(Log("log1")));
        Assert.False(File.Exists(_folder["log1"]));
    }

    [Fact]
    public async Task A_source_in_use_by_another_program_is_refused()
    {
        var qemu = ExternalTool.Require("qemu-io");
        using var user = qemu.Start("-f", "raw", "-c", "sleep 60000", MakeSource());
        try
        {
            var inode = $":{FileIdentity.Of(_folder["source"])!.Value.Inode} ";
            while (!(await File.ReadAllTextAsync("/proc/locks")).Contains(inode, StringComparison.Ordinal))
                await Task.Yield();
            await Errors.ExpectAsync(BlockDeviceError.Busy, "source", () => SetUpAsync(Log("log0")));
        }
        finally
        {
            user.Kill();
            await user.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Another_program_is_refused_a_source_that_we_hold()
    {
        var qemu = ExternalTool.Require("qemu-io");
        await using var device = await SetUpAsync(Log("log0"));
        var result = await qemu.RunAsync("-f", "raw", "-c", "write 0 4k", _folder["source"]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("lock", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_in_use_is_refused()
    {
        await using var device = await SetUpAsync(Log("log0"));
        await File.WriteAllBytesAsync(_folder["other"], new byte[Mebibyte]);
        await Errors.ExpectAsync(BlockDeviceError.Busy, "log0", () => SnapDevice.SetUpAsync(Options(_folder["other"], Log("log0"))));
    }

    [Theory]
    [InlineData("source")]
    [InlineData("link")]
    [InlineData("./source")]
    public async Task A_log_that_is_the_source_is_refused_by_whatever_name(string name)
    {
        File.CreateSymbolicLink(_folder["link"], MakeSource());
        await Errors.ExpectAsync(EngineError.LogSharesStorage, name, () => SetUpAsync(new LogOptions { Path = $"{_folder.Path}/{name}" }));
    }

    [Fact]
    public async Task A_log_named_twice_is_refused()
    {
        await File.WriteAllBytesAsync(_folder["log0"], new byte[Mebibyte]);
        await Errors.ExpectAsync(EngineError.LogSharesStorage, "log0", () => SetUpAsync(Log("log0"), Log("log0")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(513)]
    public async Task A_device_has_1_to_512_logs(int count)
    {
        var logs = Enumerable.Range(0, count).Select(i => Log($"log{i}")).ToArray();
        await Errors.ExpectAsync(EngineError.InvalidLogCount, "512", () => SetUpAsync(logs));
        Assert.Empty(Directory.GetFiles(_folder.Path, "log*"));
    }

    [Fact]
    public async Task A_device_can_have_512_logs()
    {
        var logs = Enumerable.Range(0, 512).Select(i => new LogOptions { Path = _folder[$"log{i}"], Size = 136 << 10 }).ToArray();
        await using var device = await SetUpAsync(logs);
        Assert.Equal(512 * (64 << 10), device.GetStatistics().LogCapacity);
    }

    [Fact]
    public async Task A_log_too_small_for_its_bookkeeping_and_as_much_again_is_refused()
    {
        await Errors.ExpectAsync(
            EngineError.LogTooSmall, "136 KiB", () => SetUpAsync(new LogOptions { Path = _folder["log0"], Size = (136 << 10) - 1 }));
        Assert.False(File.Exists(_folder["log0"]));
    }

    [Fact]
    public Task A_missing_log_without_a_size_is_refused() => Errors.ExpectAsync(
        EngineError.LogNotFound, "log0", () => SetUpAsync(new LogOptions { Path = _folder["log0"] }));

    [Fact]
    public async Task A_log_of_another_size_than_asked_for_is_refused()
    {
        await File.WriteAllBytesAsync(_folder["log0"], new byte[2 * Mebibyte]);
        await Errors.ExpectAsync(EngineError.LogSizeMismatch, "log0", () => SetUpAsync(Log("log0")));
    }

    [Fact]
    public async Task A_file_with_someones_data_does_not_become_a_log()
    {
        var precious = new byte[Mebibyte];
        precious[70_000] = 1;
        await File.WriteAllBytesAsync(_folder["thesis"], precious);
        await Errors.ExpectAsync(EngineError.LogHoldsForeignData, "thesis", () => SetUpAsync(Log("blank"), Log("thesis")));
        Assert.Equal(precious, await File.ReadAllBytesAsync(_folder["thesis"]));
        Assert.False(File.Exists(_folder["blank"]));
    }

    [Fact]
    public async Task Foreign_data_is_overwritten_when_that_is_asked_for()
    {
        await File.WriteAllBytesAsync(_folder["log0"], [.. Enumerable.Repeat((byte)7, (int)Mebibyte)]);
        await using var device = await SetUpAsync(new LogOptions { Path = _folder["log0"], DiscardContent = true });
        Assert.Equal("snap0", device.Name);
    }

    [Fact]
    public async Task A_log_that_served_before_can_serve_again()
    {
        for (var night = 0; night < 3; night++)
        {
            await using var device = await SetUpAsync(Log("log0"));
            await device.StartSnapshotAsync("s");
            await using (var origin = device.OpenOrigin())
                await origin.WriteAsync(0, new byte[9000]);
            await device.EndSnapshotAsync("s");
            await device.TearDownAsync();
        }
    }

    [Fact]
    public async Task A_device_given_twice_is_refused()
    {
        var source = new MemoryBlockDevice("source", 1 << 20);
        var log = new MemoryBlockDevice("log", 1 << 20);
        await Errors.ExpectAsync(EngineError.LogSharesStorage, "log", () => SnapDevice.SetUpAsync("snap0", source, [log, log], new DeviceSettings()));
        await Errors.ExpectAsync(EngineError.LogSharesStorage, "source", () => SnapDevice.SetUpAsync("snap0", source, [source], new DeviceSettings()));
        Assert.False(source.Content.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task A_log_of_a_size_below_zero_is_refused()
    {
        await Errors.ExpectAsync(EngineError.LogTooSmall, "log0", () => SetUpAsync(new LogOptions { Path = _folder["log0"], Size = -1 }));
        Assert.False(File.Exists(_folder["log0"]));
    }

    [Fact]
    public async Task A_log_behind_a_link_has_the_size_of_its_file()
    {
        await File.WriteAllBytesAsync(_folder["real"], new byte[Mebibyte]);
        File.CreateSymbolicLink(_folder["log0"], _folder["real"]);
        await using var device = await SetUpAsync(Log("log0"));
        Assert.Equal("snap0", device.Name);
    }

    [Fact]
    public async Task A_source_that_a_loop_device_stands_on_is_refused_and_so_is_the_pair()
    {
        ExternalTool.RequireRoot();
        var losetup = ExternalTool.Require("losetup");
        var loop = (await losetup.RunAsync("--find", "--show", MakeSource())).Succeeded().Output.Trim();
        try
        {
            await Errors.ExpectAsync(BlockDeviceError.Busy, loop, () => SetUpAsync(Log("log0")));
            await Errors.ExpectAsync(BlockDeviceError.Busy, loop, () => SnapDevice.SetUpAsync(Options(loop, new LogOptions { Path = _folder["source"] })));
        }
        finally
        {
            (await losetup.RunAsync("--detach", loop)).Succeeded();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ulong.MaxValue)]
    public async Task A_log_of_ours_with_any_generation_can_serve_again(ulong generation)
    {
        var log = new MemoryBlockDevice("log", 1 << 20);
        for (var time = 0; time < 2; time++)
        {
            SnapBackup.Engine.Log.Format.LogSuperblock.TryRead(log.Content, out var superblock);
            (superblock with { Version = 1, Generation = generation }).Write(log.Content);
            await using var device = await SnapDevice.SetUpAsync("snap0", new MemoryBlockDevice("source", 8192), [log], new DeviceSettings());
            await device.TearDownAsync();
        }
    }

    [Fact]
    public async Task Foreign_data_behind_the_magic_of_a_log_is_still_foreign()
    {
        var log = new MemoryBlockDevice("log", 1 << 20);
        new SnapBackup.Engine.Log.Format.LogSuperblock
        {
            Version = 0,
            BlockSize = 0,
            SetId = default,
            LogNumber = 0,
            SegmentSize = 0,
            SegmentCount = 0,
            SourceSize = 0,
            Generation = 9,
            ChangeGranularity = 0,
        }.Write(log.Content);
        await Errors.ExpectAsync(
            EngineError.LogHoldsForeignData, "log", () => SnapDevice.SetUpAsync("snap0", new MemoryBlockDevice("source", 8192), [log], new DeviceSettings()));
    }

    [Fact]
    public async Task A_log_of_a_newer_version_is_refused_and_kept()
    {
        await using (var device = await SetUpAsync(Log("log0")))
            await device.TearDownAsync();
        var bytes = await File.ReadAllBytesAsync(_folder["log0"]);
        bytes[8] = bytes[4096 + 8] = 3;
        await File.WriteAllBytesAsync(_folder["log0"], bytes);
        await Errors.ExpectAsync(EngineError.LogFormatTooNew, "version 3", () => SetUpAsync(Log("log0")));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_folder["log0"]));
    }

    [Fact]
    public async Task A_read_only_log_is_refused()
    {
        var log = new MemoryBlockDevice("cdrom", (int)Mebibyte) { IsReadOnly = true };
        await Errors.ExpectAsync(
            EngineError.LogReadOnly, "cdrom", () => SnapDevice.SetUpAsync("snap0", new MemoryBlockDevice("source", 8192), [log], new DeviceSettings()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2048)]
    [InlineData(5000)]
    [InlineData(2 << 20)]
    public Task A_block_size_that_is_no_power_of_two_in_range_is_refused(int blockSize) => Errors.ExpectAsync(
        EngineError.InvalidBlockSize,
        "block size",
        () => SnapDevice.SetUpAsync(Options(MakeSource(), Log("log0")) with { BlockSize = blockSize }));

    [Theory]
    [InlineData("")]
    [InlineData("a@b")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("ünïcode")]
    public Task A_name_that_is_not_safe_in_a_path_is_refused(string name) => Errors.ExpectAsync(
        EngineError.InvalidName, name, () => SnapDevice.SetUpAsync(Options(MakeSource(), Log("log0")) with { Name = name }));

    [Fact]
    public async Task A_source_that_the_caller_may_not_open_is_refused()
    {
        ExternalTool.RequireRoot();
        var chattr = ExternalTool.Require("chattr");
        (await chattr.RunAsync("+i", MakeSource())).Succeeded(); // not even root may open an immutable file for writing
        try
        {
            await Errors.ExpectAsync(BlockDeviceError.AccessDenied, "source", () => SetUpAsync(Log("log0")));
            Assert.False(File.Exists(_folder["log0"]));
        }
        finally
        {
            (await chattr.RunAsync("-i", _folder["source"])).Succeeded();
        }
    }

    [Fact]
    public async Task A_log_on_a_read_only_file_system_is_refused()
    {
        ExternalTool.RequireRoot();
        var mount = ExternalTool.Require("mount");
        Directory.CreateDirectory(_folder["cdrom"]);
        (await mount.RunAsync("-t", "tmpfs", "-o", "size=4m", "none", _folder["cdrom"])).Succeeded();
        try
        {
            await File.WriteAllBytesAsync(_folder["cdrom/log0"], new byte[Mebibyte]);
            (await mount.RunAsync("-o", "remount,ro", _folder["cdrom"])).Succeeded();
            await Errors.ExpectAsync(EngineError.LogReadOnly, "log0", () => SetUpAsync(Log("cdrom/log0")));
        }
        finally
        {
            (await ExternalTool.Require("umount").RunAsync(_folder["cdrom"])).Succeeded();
        }
    }

    private Task<SnapDevice> SetUpAsync(params LogOptions[] logs) => SnapDevice.SetUpAsync(Options(MakeSource(), logs));

    private static SnapDeviceOptions Options(string source, params LogOptions[] logs) =>
        new() { Name = "snap0", Source = source, Logs = logs };

    private LogOptions Log(string name) => new() { Path = _folder[name], Size = Mebibyte };

    private string MakeSource()
    {
        if (!File.Exists(_folder["source"]))
            File.WriteAllBytes(_folder["source"], new byte[3 * Mebibyte]);
        return _folder["source"];
    }
}
