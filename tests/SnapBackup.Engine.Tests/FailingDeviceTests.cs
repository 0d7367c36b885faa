using SnapBackup.Blocks;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests;

/// <summary>I/O errors (O9) and media that change (O13).</summary>
public sealed class FailingDeviceTests
{
    [Fact]
    public async Task An_error_of_the_source_is_the_error_of_the_request_that_met_it()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        disk.Source.Fault = (operation, offset, _) =>
        {
            if (operation != "flush" && offset < 4096)
                throw Errors.BadMedium($"source {operation}");
        };
        await Errors.ExpectAsync(BlockDeviceError.InputOutput, "source read", () => disk.Origin.ReadAsync(0, 10));
        await Errors.ExpectAsync(BlockDeviceError.InputOutput, "source write", () => disk.FillAsync(0, 10, 1));
        await Errors.ExpectAsync(BlockDeviceError.InputOutput, "source zero", () => disk.Origin.WriteZeroesAsync(0, 10).AsTask());
        await Errors.ExpectAsync(BlockDeviceError.InputOutput, "source trim", () => disk.Origin.TrimAsync(0, 10).AsTask());
        await disk.FillAsync(8192, 10, 1);
        Assert.Equal(1, (await disk.Origin.ReadAsync(8192, 10))[0]);
    }

    [Fact]
    public async Task A_block_the_source_cannot_read_is_unreadable_in_the_snapshot_too_and_the_rest_is_exact()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var frozen = disk.Source.Content.ToArray();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        disk.Source.Fault = (operation, offset, length) =>
        {
            if (operation == "read" && offset < 12288 && offset + length > 8192)
                throw Errors.BadMedium("source");
        };
        await disk.FillAsync(0, 40_000, 1);
        disk.Source.Fault = null;

        await using var open = snapshot.Open();
        Assert.Equal(SnapshotState.Active, snapshot.State);
        await Errors.ExpectAsync(EngineError.SourceUnreadable, "offset 8192", () => open.ReadAsync(9000, 10));
        Assert.Equal(frozen[..8192], await open.ReadAsync(0, 8192));
        Assert.Equal(frozen[12288..], await open.ReadAsync(12288, 100_000 - 12288));
    }

    [Theory]
    [InlineData("write")]
    [InlineData("flush")]
    public async Task A_log_that_fails_is_left_for_the_next_and_nothing_is_lost(string operation)
    {
        await using var disk = await Disk.CreateAsync(256 << 10, [1 << 20, 1 << 20]);
        var frozen = disk.Source.Content.ToArray();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 50_000, 1);
        disk.Logs[0].Fault = (met, _, _) =>
        {
            if (met == operation)
                throw Errors.BadMedium("log0");
        };
        await disk.FillAsync(0, 256 << 10, 2);
        Assert.Equal(frozen, await snapshot.ReadAllAsync());
        Assert.DoesNotContain(disk.Source.Content, value => value != 2);
    }

    [Theory]
    [InlineData("write")]
    [InlineData("flush")]
    public async Task When_no_log_is_left_the_snapshot_breaks_and_the_write_is_done(string operation)
    {
        await using var disk = await Disk.CreateAsync(256 << 10, [1 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        disk.Logs[0].Fault = (met, _, _) =>
        {
            if (met == operation)
                throw Errors.BadMedium("log0");
        };
        await disk.FillAsync(0, 256 << 10, 2);
        Assert.DoesNotContain(disk.Source.Content, value => value != 2);
        Assert.Equal(SnapshotState.Broken, snapshot.State);
        Assert.Contains("log0", snapshot.BreakCause!.Message, StringComparison.Ordinal);
        Assert.IsType<BlockDeviceException>(snapshot.BreakCause.InnerException);
    }

    [Fact]
    public async Task A_log_that_failed_once_is_not_believed_again()
    {
        await using var disk = await Disk.CreateAsync(256 << 10, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        disk.Logs[0].Fault = (_, _, _) => throw Errors.BadMedium("log0");
        await disk.FillAsync(0, 10, 2);
        disk.Logs[0].Fault = null;
        await Errors.ExpectAsync(EngineError.LogFailed, "log0", () => disk.Device.StartSnapshotAsync("next"));
        await disk.FillAsync(0, 10, 3);
        Assert.Equal(["s"], disk.Device.Snapshots.Select(snapshot => snapshot.Name));
    }

    [Fact]
    public async Task An_error_of_the_log_is_the_error_of_the_snapshot_read_that_met_it()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 10, 1);
        disk.Logs[0].Fault = (_, _, _) => throw Errors.BadMedium("log0");
        await using var open = snapshot.Open();
        await Errors.ExpectAsync(BlockDeviceError.InputOutput, "log0", () => open.ReadAsync(0, 10));
        await open.ReadAsync(4096, 10);
        disk.Logs[0].Fault = null;
        await open.ReadAsync(0, 10);
    }

    [Fact]
    public async Task A_log_that_returns_other_bytes_than_were_stored_is_found_out()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 8192, 1);
        disk.Logs[0].Content[LogLayout.SegmentsOffset + 4096 + 4096 + 77] ^= 1; // behind segment and group header
        await using var open = snapshot.Open();
        await Errors.ExpectAsync(EngineError.LogCorrupt, "log0", () => open.ReadAsync(0, 8192));
        await Errors.ExpectAsync(EngineError.LogCorrupt, "offset 0", () => open.ReadAsync(5, 10));
        await open.ReadAsync(4096, 4096);
    }

    [Fact]
    public async Task A_source_that_shrinks_behind_our_back_breaks_the_snapshot()
    {
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder["source"], new byte[100_000]);
        await using var device = await SnapDevice.SetUpAsync(new SnapDeviceOptions
        {
            Name = "snap0",
            Source = folder["source"],
            Logs = [new LogOptions { Path = folder["log"], Size = 1 << 20 }],
        });
        var snapshot = await device.StartSnapshotAsync("s");
        await using var origin = device.OpenOrigin();
        using (var file = new FileStream(folder["source"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(50_000);
        await Errors.ExpectAsync(BlockDeviceError.SizeChanged, "made smaller", () => origin.ReadAsync(60_000, 10));
        await origin.WriteAsync(60_000, new byte[10]);
        Assert.Equal(SnapshotState.Broken, snapshot.State);
        Assert.Contains("made smaller", snapshot.BreakCause!.Message, StringComparison.Ordinal);
    }
}
