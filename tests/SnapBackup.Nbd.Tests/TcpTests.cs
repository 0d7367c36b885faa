using System.Net;
using System.Net.Sockets;
using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests;

public sealed class TcpTests : IDisposable
{
    private readonly CertificateFolder _certificates = new();
    private readonly MemoryBlockDevice _disk = new("disk", Pattern(1 << 20, 1));

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_client_on_this_machine_is_served_over_a_loopback_address(string address)
    {
        await using var server = NbdServer.Listen(new IPEndPoint(IPAddress.Parse(address), 0), new TestExports(_disk));
        using var client = RawClient.Enter(server.EndPoint, "disk", structured: true);
        Assert.Equal(_disk.Content[..512], client.Ask(0, 0, 512).Data);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Other_machines_must_not_reach_it_unless_their_certificates_are_asked_for(bool checksClients, bool isRequired)
    {
        var tls = _certificates.Tls(checksClients) with { IsRequired = isRequired };
        foreach (var options in new[] { new NbdServerOptions { Tls = tls }, new NbdServerOptions(), null })
        {
            var failure = Assert.Throws<NbdException>(() => NbdServer.Listen(new IPEndPoint(IPAddress.Any, 0), new TestExports(_disk), options));
            Assert.Equal(NbdError.TlsNeeded, failure.Reason);
            Assert.Contains("0.0.0.0", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task With_certificates_that_are_asked_for_any_address_may_be_listened_on()
    {
        var options = new NbdServerOptions { Tls = _certificates.Tls(checksClients: true) };
        await using var server = NbdServer.Listen(new IPEndPoint(IPAddress.Any, 0), new TestExports(_disk), options);
        using var client = RawClient.Connect(new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)server.EndPoint).Port));
        client.Greet();
    }

    [Fact]
    public async Task A_port_that_is_taken_and_an_address_of_another_machine_are_named()
    {
        await using var first = NbdServer.Listen(new IPEndPoint(IPAddress.Loopback, 0), new TestExports(_disk));
        var taken = Assert.Throws<NbdException>(() => NbdServer.Listen((IPEndPoint)first.EndPoint, new TestExports(_disk)));
        Assert.Equal(NbdError.AddressInUse, taken.Reason);
        Assert.Contains(first.EndPoint.ToString()!, taken.Message, StringComparison.Ordinal);

        var options = new NbdServerOptions { Tls = _certificates.Tls(checksClients: true) };
        var foreign = Assert.Throws<NbdException>(() => NbdServer.Listen(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), new TestExports(_disk), options));
        Assert.Equal(NbdError.BadAddress, foreign.Reason);
    }

    [Fact]
    public async Task A_server_that_stops_frees_its_port()
    {
        var server = NbdServer.Listen(new IPEndPoint(IPAddress.Loopback, 0), new TestExports(_disk));
        await server.DisposeAsync();
        var refused = Assert.ThrowsAny<SocketException>(() => RawClient.Connect(server.EndPoint));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }
}
