using SnapBackup.Blocks;
using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests.Clients;

public sealed class NbdCopyTests
{
    private const int Size = 24 << 20;

    [Theory]
    [InlineData("1")]
    [InlineData("4")]
    public async Task It_copies_both_ways_over_several_connections(string connections)
    {
        var nbdcopy = ExternalTool.Require("nbdcopy");
        using var folder = new TempFolder();
        var content = Pattern(Size, 1);
        Array.Clear(content, 5 << 20, 3 << 20);
        File.WriteAllBytes(folder["image"], content);
        await using var disk = FileBlockDevice.Create(folder["disk"], Size);
        await using var server = new TestServer(new TestExports().Add("disk", () => disk));

        (await nbdcopy.RunAsync("--connections", connections, "--flush", folder["image"], server.Uri())).Succeeded();
        (await nbdcopy.RunAsync("--connections", connections, server.Uri(), folder["copy"])).Succeeded();
        Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(folder["disk"])), "What was written differs.");
        Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(folder["copy"])), "What was read differs.");
    }

    [Theory]
    [InlineData(BlockDeviceError.InputOutput, "Input/output error")]
    [InlineData(BlockDeviceError.NoSpace, "No space left on device")]
    public async Task It_is_told_what_the_device_met(BlockDeviceError reason, string message)
    {
        var nbdcopy = ExternalTool.Require("nbdcopy");
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["image"], Pattern(1 << 20, 1));
        var disk = new MemoryBlockDevice("disk", 1 << 20)
        {
            Fault = (operation, offset, length) =>
            {
                if (operation == "write" && offset + length > 512 << 10)
                    throw new BlockDeviceException(reason, "The device says no.");
            },
        };
        await using var server = new TestServer(new TestExports(disk));
        var result = await nbdcopy.RunAsync(folder["image"], server.Uri());
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }
}
