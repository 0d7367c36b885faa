using System.Buffers.Binary;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Format;

/// <summary>What becomes of a log of another version of the format.</summary>
public sealed class VersionTests
{
    private const int VersionAt = 8;
    private const int SecondSlot = 4096;

    [Theory]
    [InlineData(0)]
    [InlineData(SecondSlot)]
    public async Task A_newer_one_in_either_slot_is_refused_and_left_as_it_is(int slot)
    {
        var log = await LogAsync();
        BinaryPrimitives.WriteUInt32LittleEndian(log.Content.AsSpan(slot + VersionAt), 3);
        var before = log.Content.ToArray();
        await Errors.ExpectAsync(EngineError.LogFormatTooNew, "version 3", () => SnapDevice.OpenAsync("snap0", Source(), [log], new DeviceSettings()));
        await Errors.ExpectAsync(EngineError.LogFormatTooNew, "version 3", () => SnapDevice.SetUpAsync("snap0", Source(), [log], new DeviceSettings()));
        Assert.Equal(before, log.Content);
    }

    [Fact]
    public async Task An_older_one_keeps_nothing_so_it_is_not_opened_but_may_be_set_up_anew()
    {
        var log = await LogAsync();
        foreach (var slot in new[] { 0, SecondSlot })
            BinaryPrimitives.WriteUInt32LittleEndian(log.Content.AsSpan(slot + VersionAt), 1);
        await Errors.ExpectAsync(EngineError.LogOfAnotherDevice, "log", () => SnapDevice.OpenAsync("snap0", Source(), [log], new DeviceSettings()));
        await using var device = await SnapDevice.SetUpAsync("snap0", Source(), [log], new DeviceSettings());
        Assert.True(LogSuperblock.TryRead(log.Content, out var superblock));
        Assert.Equal(LogSuperblock.CurrentVersion, superblock.Version);
    }

    private static MemoryBlockDevice Source() => new("source", 1 << 20);

    /// <summary>A log that keeps a snapshot.</summary>
    private static async Task<MemoryBlockDevice> LogAsync()
    {
        var log = new MemoryBlockDevice("log", 1 << 20);
        await using var device = await SnapDevice.SetUpAsync("snap0", Source(), [log], new DeviceSettings());
        await device.StartSnapshotAsync("s");
        return log;
    }
}
