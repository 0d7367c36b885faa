using System.Net;
using System.Text.Json;
using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests.Clients;

public sealed class NbdInfoTests
{
    [Fact]
    public async Task It_lists_the_exports_with_size_description_and_abilities()
    {
        var nbdinfo = ExternalTool.Require("nbdinfo");
        await using var server = new TestServer(new TestExports(
            new MemoryBlockDevice("snap0", Pattern(1 << 20, 1)),
            new MemoryBlockDevice("snap0@nightly", 3 << 20) { IsReadOnly = true }));
        var result = (await nbdinfo.RunAsync("--list", "--json", server.Uri())).Succeeded();
        using var json = JsonDocument.Parse(result.Output);
        var exports = json.RootElement.GetProperty("exports").EnumerateArray().ToDictionary(export => export.GetProperty("export-name").GetString()!);

        var origin = exports["snap0"];
        Assert.Equal("description of snap0", origin.GetProperty("description").GetString());
        Assert.Equal(1 << 20, origin.GetProperty("export-size").GetInt64());
        Assert.Equal(32 << 20, origin.GetProperty("block_size_maximum").GetInt64());
        foreach (var ability in new[] { "can_cache", "can_df", "can_fast_zero", "can_flush", "can_fua", "can_multi_conn", "can_trim", "can_zero" })
            Assert.True(origin.GetProperty(ability).GetBoolean(), ability);
        Assert.False(origin.GetProperty("is_read_only").GetBoolean());

        var snapshot = exports["snap0@nightly"];
        Assert.Equal(3 << 20, snapshot.GetProperty("export-size").GetInt64());
        Assert.True(snapshot.GetProperty("is_read_only").GetBoolean());
        foreach (var inability in new[] { "can_trim", "can_zero", "can_fast_zero" })
            Assert.False(snapshot.GetProperty(inability).GetBoolean(), inability);
    }

    [Fact]
    public async Task It_tells_the_size_of_the_default_export_and_of_a_named_one()
    {
        var nbdinfo = ExternalTool.Require("nbdinfo");
        await using var server = new TestServer(new TestExports(new MemoryBlockDevice("disk", 123_456)));
        Assert.Equal("123456", (await nbdinfo.RunAsync("--size", server.Uri())).Succeeded().Output.Trim());
        Assert.Equal("123456", (await nbdinfo.RunAsync("--size", server.Uri("disk"))).Succeeded().Output.Trim());
        var unknown = await nbdinfo.RunAsync("--size", server.Uri("none"));
        Assert.NotEqual(0, unknown.ExitCode);
    }

    [Fact]
    public async Task It_maps_the_holes_and_the_changes_of_an_export()
    {
        var nbdinfo = ExternalTool.Require("nbdinfo");
        var disk = new MemoryBlockDevice("disk", 1 << 20);
        Pattern(8192, 1).CopyTo(disk.Content, 65536);
        await using var server = new TestServer(new TestExports(disk).AddPoint("disk", "monday", new NbdChange(4096, 4096)));
        Assert.Equal("0:65536:3 65536:8192:0 73728:974848:3", await MapAsync("--map"));
        Assert.Equal("0:4096:0 4096:4096:1 8192:1040384:0", await MapAsync("--map=qemu:dirty-bitmap:monday"));

        async Task<string> MapAsync(string option)
        {
            using var json = JsonDocument.Parse((await nbdinfo.RunAsync("--json", option, server.Uri("disk"))).Succeeded().Output);
            return string.Join(' ', json.RootElement.EnumerateArray().Select(extent =>
                $"{extent.GetProperty("offset")}:{extent.GetProperty("length")}:{extent.GetProperty("type")}"));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_speaks_TLS_on_both_kinds_of_sockets(bool checksClients)
    {
        var nbdinfo = ExternalTool.Require("nbdinfo");
        using var certificates = new CertificateFolder();
        var exports = new TestExports(new MemoryBlockDevice("disk", 123_456));
        var options = new NbdServerOptions { Tls = certificates.Tls(checksClients) };
        await using var tcp = NbdServer.Listen(new IPEndPoint(IPAddress.Loopback, 0), exports, options);
        await using var unix = new TestServer(exports, options);
        foreach (var uri in new[] { $"nbds://{tcp.EndPoint}/disk?", $"nbds+unix://127.0.0.1/disk?socket={unix.SocketPath}&" })
        {
            var encrypted = (await nbdinfo.RunAsync($"{uri}tls-certificates={certificates.Path}")).Succeeded();
            Assert.Contains("with TLS", encrypted.Output, StringComparison.Ordinal);
            Assert.NotEqual(0, (await nbdinfo.RunAsync(uri.Replace("nbds", "nbd", StringComparison.Ordinal).TrimEnd('?', '&'))).ExitCode);
        }

        if (!checksClients)
            return;
        File.Copy(certificates["expired-cert.pem"], certificates["client-cert.pem"], overwrite: true);
        File.Copy(certificates["expired-key.pem"], certificates["client-key.pem"], overwrite: true);
        Assert.NotEqual(0, (await nbdinfo.RunAsync($"nbds://{tcp.EndPoint}/disk?tls-certificates={certificates.Path}")).ExitCode);
    }
}
