using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests.Overflow;

/// <summary>A log joins while the device is in use: whatever happens, the device has it or goes on without it.</summary>
public sealed class AddLogTests : IDisposable
{
    private const int Size = 256 << 10;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_added_log_takes_what_the_full_ones_cannot_and_is_opened_again_with_them()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 40_000, 1);
        await disk.AddLogAsync(Disk.LogOf(4));
        await disk.FillAsync(0, Size, 2);
        Assert.Equal(["log0", "log1"], disk.Device.LogNames);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
        await disk.ReopenAsync();
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
        await using var after = await disk.OpenAfterCrashAsync();
        Assert.Equal(frozen, await after.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task A_log_that_is_added_after_an_opening_misses_no_segment_of_the_others()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(4)]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 40_000, 1);
        await disk.ReopenAsync();
        await disk.AddLogAsync(Disk.LogOf(4));
        await using var after = await disk.OpenAfterCrashAsync();
        Assert.Equal(frozen, await after.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task Logs_are_added_while_writers_write_and_snapshots_stay_exact()
    {
        await using var disk = await Disk.CreateAsync(2 << 20, [Disk.LogOf(2)]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        var mayGoOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var at = writer << 12; at < 2 << 20; at += 4 << 12)
            {
                if (at >= 64 << 10)
                    await mayGoOn.Task;
                await disk.FillAsync(at, 4096, 7);
            }
        })).ToList();
        for (var i = 0; i < 20; i++)
        {
            await disk.AddLogAsync(Disk.LogOf(4));
            mayGoOn.TrySetResult();
        }

        await Task.WhenAll(writers);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
        await disk.ReopenAsync();
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task A_log_can_be_smaller_than_the_others_and_their_commit_groups()
    {
        await using var disk = await Disk.CreateAsync(8 << 20, [Disk.LogOf(600)]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        for (var i = 0; i < 8; i++)
            await disk.AddLogAsync(Disk.LogOf(1));
        disk.Logs[0].Fault = (operation, offset, _) =>
        {
            if (operation == "write" && offset > 1 << 20)
                throw Errors.BadMedium("log0");
        };
        await disk.FillAsync(0, (1 << 20) + (300 << 10), 1);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Theory]
    [InlineData("source")]
    [InlineData("log0")]
    public async Task What_the_device_has_already_is_not_added(string which)
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)]);
        var device = which == "source" ? disk.Source : disk.Logs[0];
        await Errors.ExpectAsync(EngineError.LogSharesStorage, which, () => disk.Device.AddLogAsync(device, discardContent: true));
    }

    [Fact]
    public async Task What_cannot_be_a_log_is_refused_and_nothing_changes()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)]);
        await using var other = await Disk.CreateAsync(Size, [Disk.LogOf(1)]);
        await other.Device.StartSnapshotAsync("precious");
        var before = disk.Logs[0].Content.ToArray();

        await RefusedAsync(EngineError.LogTooSmall, new MemoryBlockDevice("tiny", 4096));
        await RefusedAsync(EngineError.LogReadOnly, new MemoryBlockDevice("fixed", 1 << 20) { IsReadOnly = true });
        await RefusedAsync(EngineError.LogHoldsForeignData, new MemoryBlockDevice("thesis", [.. Enumerable.Repeat((byte)1, 1 << 20)]));
        await RefusedAsync(EngineError.LogHoldsSnapshots, new MemoryBlockDevice("log of another", other.Logs[0].Content.ToArray()));
        Assert.Equal(before, disk.Logs[0].Content);

        async Task RefusedAsync(EngineError reason, MemoryBlockDevice log)
        {
            var content = log.Content.ToArray();
            await Errors.ExpectAsync(reason, log.Name, () => disk.Device.AddLogAsync(log));
            Assert.Equal(content, log.Content);
        }
    }

    [Fact]
    public async Task Foreign_data_is_overwritten_when_that_is_asked_for()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)]);
        await disk.Device.AddLogAsync(new MemoryBlockDevice("thesis", [.. Enumerable.Repeat((byte)1, 1 << 20)]), discardContent: true);
        Assert.Equal(2, disk.Device.LogNames.Count);
    }

    [Fact]
    public async Task A_copy_of_an_own_log_is_refused_because_its_old_segments_would_be_believed()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 4096, 1);
        var copy = new MemoryBlockDevice("copy", disk.Logs[0].Content.ToArray());
        await Errors.ExpectAsync(EngineError.LogSharesStorage, "copy", () => disk.Device.AddLogAsync(copy, discardContent: true));
    }

    [Fact]
    public async Task There_are_no_more_than_512()
    {
        await using var disk = await Disk.CreateAsync(4096, [.. Enumerable.Repeat(Disk.LogOf(1), 511)]);
        await disk.AddLogAsync(Disk.LogOf(1));
        await Errors.ExpectAsync(EngineError.InvalidLogCount, "513", () => disk.AddLogAsync(Disk.LogOf(1)));
        await disk.ReopenAsync();
        Assert.Equal(512, disk.Device.LogNames.Count);
    }

    [Fact]
    public async Task A_cancelled_addition_changes_nothing()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)]);
        var log = new MemoryBlockDevice("log1", Disk.LogOf(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => disk.Device.AddLogAsync(log, discardContent: false, new CancellationToken(canceled: true)));
        Assert.False(log.Content.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task A_device_that_was_let_go_takes_no_log()
    {
        var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)]);
        await disk.DisposeAsync();
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.AddLogAsync(Disk.LogOf(1)));
    }

    [Fact]
    public async Task A_log_file_is_created_and_is_gone_again_when_it_is_refused()
    {
        await File.WriteAllBytesAsync(_folder["source"], new byte[Size]);
        var options = new SnapDeviceOptions { Name = "snap0", Source = _folder["source"], Logs = [new LogOptions { Path = _folder["log0"], Size = 1 << 20 }] };
        await using (var device = await SnapDevice.SetUpAsync(options))
        {
            await device.AddLogAsync(new LogOptions { Path = _folder["log1"], Size = 1 << 20 });
            await Errors.ExpectAsync(EngineError.LogTooSmall, "log2", () => device.AddLogAsync(new LogOptions { Path = _folder["log2"], Size = 4096 }));
            await Errors.ExpectAsync(EngineError.LogNotFound, "log2", () => device.AddLogAsync(new LogOptions { Path = _folder["log2"] }));
            await Errors.ExpectAsync(EngineError.LogSharesStorage, "source", () => device.AddLogAsync(new LogOptions { Path = _folder["source"], DiscardContent = true }));
            File.CreateSymbolicLink(_folder["link"], _folder["log1"]);
            await Errors.ExpectAsync(EngineError.LogSharesStorage, "log1", () => device.AddLogAsync(new LogOptions { Path = _folder["link"] }));
            Assert.False(File.Exists(_folder["log2"]));
            await device.StartSnapshotAsync("s");
        }

        await Errors.ExpectAsync(EngineError.LogMissing, "log number 1", () => SnapDevice.OpenAsync(options));
        await using var again = await SnapDevice.OpenAsync(options with { Logs = [new LogOptions { Path = _folder["log1"] }, .. options.Logs] });
        Assert.Equal([_folder["log0"], _folder["log1"]], again.LogNames);
        Assert.Equal("s", Assert.Single(again.Snapshots).Name);
    }

    [Fact]
    public async Task The_device_owns_a_log_file_that_it_took_and_no_other()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)]);
        await using var refused = FileBlockDevice.Create(_folder["tiny"], 4096);
        await Errors.ExpectAsync(EngineError.LogTooSmall, "tiny", () => disk.Device.AddLogAsync(refused));
        await refused.FlushAsync();
        var taken = FileBlockDevice.Create(_folder["log"], 1 << 20);
        await disk.Device.AddLogAsync(taken);
        await disk.DisposeAsync();
        await Errors.ExpectAsync(BlockDeviceError.Closed, "log", () => taken.FlushAsync().AsTask());
    }

    [Fact]
    public async Task A_crash_at_any_moment_leaves_a_device_that_opens_and_keeps_what_it_kept()
    {
        await using var disk = await Disk.CreateAsync(64 << 10, [Disk.LogOf(1), Disk.LogOf(1)]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 20_000, 1);
        var added = new MemoryBlockDevice("log2", Disk.LogOf(1));
        var crashes = new CrashPoints(disk.Source, disk.Logs[0], disk.Logs[1], added);
        await disk.Device.AddLogAsync(added);
        await disk.FillAsync(0, 64 << 10, 2);
        crashes.Stop();

        var withOld = 0;
        foreach (var state in crashes.States)
            withOld += await OpensAsync(state) ? 1 : 0;
        Assert.InRange(withOld, 5, crashes.Count - 5);

        async Task<bool> OpensAsync(byte[][] state)
        {
            var withoutAdded = await OpensWithAsync(state, 2);
            Assert.True(await OpensWithAsync(state, 3) || withoutAdded);
            return withoutAdded;
        }

        async Task<bool> OpensWithAsync(byte[][] state, int logs)
        {
            var bytes = state.Select(content => content.ToArray()).ToArray();
            Disk after;
            try
            {
                after = await Disk.OpenAsync(bytes[0], bytes[1..(1 + logs)], new DeviceSettings());
            }
            catch (EngineException refusal) when (logs == 2 ? refusal.Reason == EngineError.LogMissing : refusal.Reason == EngineError.LogOfAnotherDevice)
            {
                return false;
            }

            await using (after)
            {
                Assert.Equal(logs, after.Device.LogNames.Count);
                Assert.Equal(frozen, await after.Device.GetSnapshot("s").ReadAllAsync());
                await after.FillAsync(0, 64 << 10, 3);
                Assert.Equal(frozen, await after.Device.GetSnapshot("s").ReadAllAsync());
                await after.ReopenAsync();
                Assert.Equal(frozen, await after.Device.GetSnapshot("s").ReadAllAsync());
            }

            return true;
        }
    }

    [Fact]
    public async Task A_log_that_was_not_added_before_a_crash_is_added_when_it_is_given_later()
    {
        await using var disk = await Disk.CreateAsync(64 << 10, [Disk.LogOf(1)]);
        await disk.Device.StartSnapshotAsync("s");
        var added = new MemoryBlockDevice("log1", Disk.LogOf(1));
        var crashes = new CrashPoints(disk.Source, disk.Logs[0], added);
        await disk.Device.AddLogAsync(added);
        crashes.Stop();
        foreach (var state in crashes.States)
        {
            // With the old one alone, as often as that goes, and later with both: what was kept meanwhile counts, not what the new log remembers.
            if (await Record.ExceptionAsync(() => Disk.OpenAsync(state[0].ToArray(), [state[1].ToArray()], new DeviceSettings())) is not null)
                continue;
            await using var alone = await Disk.OpenAsync(state[0], [state[1]], new DeviceSettings());
            await alone.Device.EndSnapshotAsync("s");
            await alone.Device.StartSnapshotAsync("later");
            await alone.DisposeAsync();
            if (!state[2].AsSpan(0, 512).ContainsAnyExcept((byte)0))
                continue;
            await using var both = await Disk.OpenAsync(alone.Source.Content, [alone.Logs[0].Content, state[2]], new DeviceSettings());
            Assert.Equal(["later"], both.Device.Snapshots.Select(snapshot => snapshot.Name));
            Assert.Equal(SnapshotState.Active, both.Device.GetSnapshot("later").State);
            Assert.Equal(2, both.Device.LogNames.Count);
        }
    }

    [Fact]
    public async Task A_volatile_log_whose_addition_a_crash_cut_short_is_known_after_the_next_addition_and_crash()
    {
        var settings = new DeviceSettings { Durability = LogDurability.Volatile };
        await using var disk = await Disk.CreateAsync(64 << 10, [Disk.LogOf(1), Disk.LogOf(1)], settings);
        for (var number = 0; number < 10; number++)
            await disk.Device.StartSnapshotAsync($"{new string('s', 60)}{number}"); // so that the catalog has several sectors, which a crash can tear
        var added = new MemoryBlockDevice("log2", Disk.LogOf(1));
        var crashes = new CrashPoints(disk.Source, disk.Logs[0], disk.Logs[1], added);
        await disk.Device.AddLogAsync(added);
        crashes.Stop();

        var tried = 0;
        foreach (var state in crashes.States.Where(state => state[3].AsSpan(0, 512).ContainsAnyExcept((byte)0)))
        {
            if (await Record.ExceptionAsync(() => Disk.OpenAsync(state[0].ToArray(), state[1..].Select(log => log.ToArray()), settings)) is not null)
                continue;
            var source = new MemoryBlockDevice("source", state[0]);
            var logs = state[1..].Select((log, i) => new MemoryBlockDevice($"log{i}", log)).ToArray();
            var next = new MemoryBlockDevice("log3", Disk.LogOf(1));
            var cuts = new PowerCuts([source, .. logs, next], OpensAsync);
            await using var between = await SnapDevice.OpenAsync("snap0", source, logs, settings);
            await between.AddLogAsync(next);
            cuts.Stop();
            tried += cuts.Count;
        }

        Assert.True(tried > 500, $"{tried} cuts");

        async Task OpensAsync(byte[][] left)
        {
            try
            {
                await using var after = await Disk.OpenAsync(left[0], left[1..], settings);
            }
            catch (EngineException refusal) when (refusal.Reason is EngineError.NothingKept or EngineError.LogOfAnotherDevice)
            {
                // Every catalog is torn, or the last log is not one yet.
            }
        }
    }

    [Fact]
    public async Task A_log_that_could_not_be_added_is_never_taken_for_the_one_that_was_added_in_its_place()
    {
        for (var failing = 0; ; failing++)
        {
            await using var disk = await Disk.CreateAsync(64 << 10, [Disk.LogOf(1)]);
            var frozen = disk.Source.Content.ToArray();
            await disk.Device.StartSnapshotAsync("s");
            var bad = new MemoryBlockDevice("bad", Disk.LogOf(1));
            var operations = 0;
            bad.Fault = (operation, _, _) =>
            {
                if (operation != "read" && operations++ == failing)
                    throw Errors.BadMedium("bad");
            };
            if (await Record.ExceptionAsync(() => disk.Device.AddLogAsync(bad)) is not { } failure)
                break;
            Assert.IsType<BlockDeviceException>(failure);
            Assert.Equal(["log0"], disk.Device.LogNames);
            await disk.AddLogAsync(Disk.LogOf(1));
            await disk.FillAsync(0, 64 << 10, 1);
            Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
            await disk.DisposeAsync();

            bad.Fault = null;
            var error = await Record.ExceptionAsync(async () =>
            {
                await using var wrong = await Disk.OpenAsync(disk.Source.Content.ToArray(), [disk.Logs[0].Content.ToArray(), bad.Content], new DeviceSettings());
                Assert.Equal(SnapshotState.Broken, wrong.Device.GetSnapshot("s").State); // it failed only after it had counted itself
            });
            if (error is not null)
                Assert.Contains(Assert.IsType<EngineException>(error).Reason, new[] { EngineError.LogMissing, EngineError.LogOfAnotherDevice });
            await using var again = await Disk.OpenAsync(disk.Source.Content, disk.Logs.Select(log => log.Content), new DeviceSettings());
            Assert.Equal(frozen, await again.Device.GetSnapshot("s").ReadAllAsync());
        }
    }

    [Fact]
    public async Task An_old_log_that_fails_meanwhile_does_not_stop_the_addition()
    {
        await using var disk = await Disk.CreateAsync(64 << 10, [Disk.LogOf(1), Disk.LogOf(1)]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation != "read")
                throw Errors.BadMedium("log0");
        };
        await disk.AddLogAsync(Disk.LogOf(1));
        await disk.FillAsync(0, 64 << 10, 1);
        disk.Logs[0].Fault = null;
        await using var after = await disk.OpenAfterCrashAsync();
        Assert.Equal(3, after.Device.LogNames.Count);
        Assert.Equal(frozen, await after.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task When_no_old_log_works_none_is_added()
    {
        await using var disk = await Disk.CreateAsync(64 << 10, [Disk.LogOf(1)]);
        disk.Logs[0].Fault = (_, _, _) => throw Errors.BadMedium("log0");
        await Errors.ExpectAsync(EngineError.LogFailed, "log1", () => disk.AddLogAsync(Disk.LogOf(1)));
        Assert.Equal(["log0"], disk.Device.LogNames);
    }
}
