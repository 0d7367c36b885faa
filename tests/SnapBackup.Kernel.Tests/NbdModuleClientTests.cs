using SnapBackup.Kernel.Attaching;

namespace SnapBackup.Kernel.Tests;

/// <summary>The kernel's own NBD client, as far as it goes on a machine that may not have it.</summary>
public sealed class NbdModuleClientTests
{
    [Fact]
    public async Task Its_program_takes_the_arguments_and_agrees_with_the_server_on_the_export()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await disk.StartAsync("s");
        var arguments = NbdModuleClient.ArgumentsFor(new ExportAddress(disk["nbd.sock"], "disk@s+rw"), disk["disk.log"]);

        // A file is no nbd device: it fails, but only when all is agreed.
        var client = await ExternalTool.Require("nbd-client").RunAsync([.. arguments]);
        Assert.Contains("size = 32MB", client.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Usage", client.Output + client.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, client.ExitCode);
    }

    [Fact]
    public async Task It_is_chosen_where_its_module_is_and_the_loop_device_elsewhere()
    {
        ExternalTool.Require("nbd-client");
        await using var disk = await Disk.MakeAsync("ext4");
        var attached = (await disk.Control.Devices.ConnectAsync(Disk.Name)).BlockDevice;
        Assert.StartsWith(Directory.Exists("/sys/module/nbd") ? "/dev/nbd" : "/dev/loop", attached, StringComparison.Ordinal);
        await disk.Control.Devices.DisconnectAsync(Disk.Name);
        disk.AssertNothingIsLeft();
    }
}
