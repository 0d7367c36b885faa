using SnapBackup.Blocks;

namespace SnapBackup.Nbd.Tests.Clients;

public sealed class FioTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_verify_job_at_queue_depth_32_finds_every_block_as_written(bool late)
    {
        var fio = ExternalTool.Require("fio");
        using var folder = new TempFolder();
        await using var disk = FileBlockDevice.Create(folder["disk"], 32 << 20);
        var gated = new GatedBlockDevice(new MemoryBlockDevice("disk", 32 << 20));
        gated.Open();
        await using var server = new TestServer(new TestExports().Add("disk", () => late ? gated : disk));
        var result = (await fio.RunAsync(
            "--name=verify", "--ioengine=nbd", $"--uri={server.Uri()}", "--size=32m", "--rw=randwrite", "--bsrange=4k-128k",
            "--iodepth=32", "--verify=crc32c", "--verify_fatal=1", "--do_verify=1", "--randseed=1", "--fsync=64",
            "--aux-path=" + folder.Path)).Succeeded();
        Assert.Contains("err= 0", result.Output, StringComparison.Ordinal);
    }
}
