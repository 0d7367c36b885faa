using System.Net;
using System.Text.Json;
using SnapBackup.Blocks;
using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests.Clients;

public sealed class QemuTests
{
    private const int Size = 16 << 20;

    [Fact]
    public async Task Qemu_img_informs_compares_and_converts()
    {
        var qemuImg = ExternalTool.Require("qemu-img");
        using var folder = new TempFolder();
        var content = Pattern(Size, 1);
        File.WriteAllBytes(folder["image"], content);
        await using var server = new TestServer(new TestExports(
            new MemoryBlockDevice("snap0@nightly", content) { IsReadOnly = true }, new MemoryBlockDevice("target", Size)));
        var snapshot = server.Uri("snap0@nightly");
        var target = server.Uri("target");

        using var info = JsonDocument.Parse((await qemuImg.RunAsync("info", "--output=json", snapshot)).Succeeded().Output);
        Assert.Equal(Size, info.RootElement.GetProperty("virtual-size").GetInt64());
        (await qemuImg.RunAsync("compare", "-f", "raw", "-F", "raw", folder["image"], snapshot)).Succeeded();
        Assert.Equal(1, (await qemuImg.RunAsync("compare", "-f", "raw", "-F", "raw", folder["image"], target)).ExitCode);
        (await qemuImg.RunAsync("convert", "-n", "-f", "raw", "-O", "raw", snapshot, target)).Succeeded();
        (await qemuImg.RunAsync("compare", "-f", "raw", "-F", "raw", snapshot, target)).Succeeded();
        (await qemuImg.RunAsync("convert", "-f", "raw", "-O", "qcow2", target, folder["copy.qcow2"])).Succeeded();
        (await qemuImg.RunAsync("compare", "-F", "raw", folder["copy.qcow2"], snapshot)).Succeeded();
    }

    [Fact]
    public async Task Qemu_img_maps_holes_and_copies_only_what_changed_since_a_point()
    {
        var qemuImg = ExternalTool.Require("qemu-img");
        using var folder = new TempFolder();
        var disk = new MemoryBlockDevice("disk", Size) { IsReadOnly = true };
        Pattern(8192, 1).CopyTo(disk.Content, 65536);
        await using var server = new TestServer(new TestExports(disk).AddPoint("disk", "monday", new NbdChange(4 << 20, 1 << 20)));
        Assert.Equal("0+65536=hole 65536+8192=data 73728+16703488=hole", await MapAsync());
        // QEMU's own way to read a bitmap: what is dirty is shown as not allocated.
        Assert.Equal("0+4194304=data 4194304+1048576=hole 5242880+11534336=data", await MapAsync(",x-dirty-bitmap=qemu:dirty-bitmap:monday"));

        async Task<string> MapAsync(string more = "")
        {
            var options = $"driver=raw,file.driver=nbd,file.server.type=unix,file.server.path={server.SocketPath},file.export=disk";
            var image = more.Length == 0 ? options : $"{options},file{more.Replace(",", ".", StringComparison.Ordinal)}";
            using var json = JsonDocument.Parse((await qemuImg.RunAsync("map", "--output=json", "--image-opts", image)).Succeeded().Output);
            return string.Join(' ', json.RootElement.EnumerateArray().Select(extent =>
                $"{extent.GetProperty("start")}+{extent.GetProperty("length")}={(extent.GetProperty("data").GetBoolean() ? "data" : "hole")}"));
        }
    }

    [Fact]
    public async Task Qemu_nbd_lists_what_there_is_over_TCP()
    {
        var qemuNbd = ExternalTool.Require("qemu-nbd");
        await using var server = NbdServer.Listen(
            new IPEndPoint(IPAddress.Loopback, 0),
            new TestExports(new MemoryBlockDevice("disk", 1 << 20), new MemoryBlockDevice("disk@monday", 1 << 20)).AddPoint("disk", "monday"));
        var port = ((IPEndPoint)server.EndPoint).Port;
        var list = (await qemuNbd.RunAsync("--list", "--bind=127.0.0.1", $"--port={port}")).Succeeded().Output;
        Assert.Contains("exports available: 2", list, StringComparison.Ordinal);
        Assert.Contains("description: description of disk@monday", list, StringComparison.Ordinal);
        Assert.Contains("qemu:dirty-bitmap:monday", list, StringComparison.Ordinal);
        Assert.Contains("base:allocation", list, StringComparison.Ordinal);
        Assert.Contains("fast-zero", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Qemu_io_writes_zeroes_discards_and_flushes()
    {
        var qemuIo = ExternalTool.Require("qemu-io");
        var disk = new MemoryBlockDevice("disk", Size);
        await using var server = new TestServer(new TestExports(disk));
        var result = (await qemuIo.RunAsync(
            "-f", "raw",
            "-c", "write -P 0x11 0 1M",
            "-c", "write -P 0x22 4097 1023",
            "-c", "write -f -P 0x33 512k 64k",
            "-c", "write -z 128k 64k",
            "-c", "write -z -u 256k 64k",
            "-c", "discard 384k 64k",
            "-c", "aio_write -P 0x44 2M 4M",
            "-c", "aio_write -P 0x55 6M 4M",
            "-c", "aio_flush",
            "-c", "flush",
            "-c", "read -P 0x22 4097 1023",
            "-c", "read -P 0 128k 64k",
            "-c", "read -P 0 256k 64k",
            "-c", "read -P 0x44 2M 4M",
            "-c", "read -P 0x55 6M 4M",
            server.Uri())).Succeeded();
        Assert.DoesNotContain("verification failed", result.Output, StringComparison.Ordinal);

        var expected = new byte[Size];
        Fill(expected, 0x11, 0, 1 << 20);
        Fill(expected, 0x22, 4097, 1023);
        Fill(expected, 0x33, 512 << 10, 64 << 10);
        foreach (var zeroed in new[] { 128, 256, 384 })
            Fill(expected, 0, zeroed << 10, 64 << 10);
        Fill(expected, 0x44, 2 << 20, 4 << 20);
        Fill(expected, 0x55, 6 << 20, 4 << 20);
        Assert.True(expected.AsSpan().SequenceEqual(disk.Content));
        Assert.True(disk.Flushes >= 2, "FUA and flush each reach the device.");
    }

    [Theory]
    [InlineData("write 0 4k", "Input/output error")]
    [InlineData("read 1M 4k", "No space left on device")]
    public async Task Qemu_io_is_told_what_the_device_met(string command, string message)
    {
        var qemuIo = ExternalTool.Require("qemu-io");
        var disk = new MemoryBlockDevice("disk", Size)
        {
            Fault = (operation, offset, _) => throw (operation, offset) switch
            {
                ("write", 0) => new BlockDeviceException(BlockDeviceError.InputOutput, "The medium is worn out."),
                ("read", 1 << 20) => new BlockDeviceException(BlockDeviceError.NoSpace, "The thin pool is full."),
                _ => new BlockDeviceException(BlockDeviceError.NotSupported, "Not this one."),
            },
        };
        await using var server = new TestServer(new TestExports(disk));
        var result = await qemuIo.RunAsync("-f", "raw", "-c", command, server.Uri());
        Assert.Contains(message, result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_export_cannot_be_opened_for_writing()
    {
        var qemuIo = ExternalTool.Require("qemu-io");
        await using var server = new TestServer(new TestExports(new MemoryBlockDevice("disk", Size) { IsReadOnly = true }));
        Assert.NotEqual(0, (await qemuIo.RunAsync("-f", "raw", "-c", "write 0 4k", server.Uri())).ExitCode);
        (await qemuIo.RunAsync("-r", "-f", "raw", "-c", "read -P 0 0 1M", server.Uri())).Succeeded();
    }

    private static void Fill(byte[] content, byte value, int offset, int length) => content.AsSpan(offset, length).Fill(value);
}
