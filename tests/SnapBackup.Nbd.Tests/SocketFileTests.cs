using System.Net.Sockets;
using System.Runtime.Versioning;

namespace SnapBackup.Nbd.Tests;

[SupportedOSPlatform("linux")]
public sealed class SocketFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestExports _exports = new(new MemoryBlockDevice("disk", 4096));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Only_the_owner_may_connect_and_the_file_goes_when_the_server_stops()
    {
        var path = _folder["s"];
        await using (var server = NbdServer.Listen(path, _exports))
        {
            Assert.Equal(path, server.EndPoint.ToString());
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_socket_that_a_dead_server_left_is_replaced()
    {
        var path = _folder["s"];
        LeaveSocket(path);
        Assert.True(File.Exists(path));
        await using var server = NbdServer.Listen(path, _exports);
        using var client = RawClient.Enter(new UnixDomainSocketEndPoint(path), "disk", structured: false);
        Assert.Equal(0u, client.Ask(0, 0, 512).Error);
    }

    [Fact]
    public async Task A_server_that_lives_is_not_replaced()
    {
        var path = _folder["s"];
        await using var server = NbdServer.Listen(path, _exports);
        var refused = Assert.Throws<NbdException>(() => NbdServer.Listen(path, _exports));
        Assert.Equal(NbdError.AddressInUse, refused.Reason);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        using var client = RawClient.Enter(new UnixDomainSocketEndPoint(path), "disk", structured: false);
        Assert.Equal(0u, client.Ask(0, 0, 512).Error);
    }

    [Fact]
    public void What_is_not_a_socket_is_left_alone()
    {
        var path = _folder["s"];
        File.WriteAllText(path, "");
        Assert.Equal(NbdError.AddressInUse, Assert.Throws<NbdException>(() => NbdServer.Listen(path, _exports)).Reason);
        Assert.True(File.Exists(path));
        Assert.Equal(NbdError.AddressInUse, Assert.Throws<NbdException>(() => NbdServer.Listen(_folder.Path, _exports)).Reason);
        Assert.True(Directory.Exists(_folder.Path));
    }

    [Fact]
    public void A_path_that_cannot_be_an_address_is_refused()
    {
        Assert.Equal(NbdError.BadAddress, Assert.Throws<NbdException>(() => NbdServer.Listen(_folder[new string('x', 108)], _exports)).Reason);
        Assert.Equal(NbdError.BadAddress, Assert.Throws<NbdException>(() => NbdServer.Listen(_folder["missing/s"], _exports)).Reason);
    }

    [Fact]
    public async Task One_client_too_many_is_turned_away_until_another_leaves()
    {
        await using var server = new TestServer(_exports, new NbdServerOptions { MaxConnections = 2 });
        using var first = server.Enter();
        var second = server.Enter();
        using (var third = server.Connect())
            third.ExpectEnd();
        Assert.Equal(NbdError.TooManyConnections, (await server.NextFailureAsync()).Reason);

        second.Dispose();
        await EventuallyEnterAsync(server);
        Assert.Equal(0u, first.Ask(0, 0, 512).Error);
    }

    /// <summary>The place is free a moment after the client left; until then newcomers are turned away, which is reported.</summary>
    private static async Task EventuallyEnterAsync(TestServer server)
    {
        while (true)
        {
            using var client = server.Connect();
            try
            {
                client.Greet();
                return;
            }
            catch (Exception exception) when (exception is EndOfStreamException or SocketException)
            {
                Assert.Equal(NbdError.TooManyConnections, (await server.NextFailureAsync()).Reason);
            }
        }
    }

    private static void LeaveSocket(string path)
    {
        // Renaming a bound socket keeps the runtime from removing the file when it closes it.
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path + ".bound"));
            File.Move(path + ".bound", path);
        }
    }
}
