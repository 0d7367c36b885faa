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
}
