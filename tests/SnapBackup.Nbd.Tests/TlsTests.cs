using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests;

public sealed class TlsTests : IAsyncDisposable
{
    private const uint ExportName = 1;
    private const uint Abort = 2;
    private const uint List = 3;
    private const uint StartTls = 5;
    private const uint StructuredReply = 8;
    private const uint ListContexts = 9;

    private const uint Ack = 1;
    private const uint ErrorUnsupported = 0x80000001;
    private const uint ErrorInvalid = 0x80000003;
    private const uint ErrorTlsRequired = 0x80000005;

    private readonly CertificateFolder _certificates = new();
    private readonly MemoryBlockDevice _disk = new("disk", Pattern(1 << 20, 1));

    public ValueTask DisposeAsync()
    {
        _certificates.Dispose();
        return _disk.DisposeAsync();
    }

    [Fact]
    public async Task After_STARTTLS_all_goes_on_encrypted()
    {
        await using var server = Server(_certificates.Tls());
        using var client = Begin(server);
        client.NegotiateStructuredReplies();
        client.Go("disk");
        Assert.Equal(_disk.Content[..100_000], client.Ask(0, 0, 100_000).Data);
        Assert.Equal(0u, client.Ask(1, 1000, 300_000, payload: Pattern(300_000, 2)).Error);
        Assert.Equal(Pattern(300_000, 2), _disk.Content[1000..301_000]);
        client.Send(RawClient.Request(2, 0, 0, 0));
        client.ExpectEnd();
    }

    [Theory]
    [InlineData(3u)]
    [InlineData(6u)]
    [InlineData(7u)]
    [InlineData(StructuredReply)]
    [InlineData(ListContexts)]
    [InlineData(11u)]
    [InlineData(4711u)]
    public async Task A_server_that_speaks_TLS_only_says_so_to_every_other_option(uint option)
    {
        await using var server = Server(_certificates.Tls());
        using var client = Greeted(server);
        client.SendOption(option, RawClient.InfoData("disk"));
        Assert.Equal(ErrorTlsRequired, client.ReceiveOptionReply(option).Type);
        client.SendOption(Abort);
        Assert.Equal(Ack, client.ReceiveOptionReply(Abort).Type);
        client.ExpectEnd();
    }

    [Fact]
    public async Task EXPORT_NAME_without_TLS_ends_the_connection_of_a_server_that_speaks_TLS_only()
    {
        await using var server = Server(_certificates.Tls());
        using var client = Greeted(server);
        client.SendOption(ExportName, "disk"u8.ToArray());
        client.ExpectEnd();
        Assert.Equal(NbdError.ProtocolViolation, (await server.NextFailureAsync()).Reason);
    }

    [Fact]
    public async Task Where_TLS_is_offered_but_not_required_a_client_may_do_without()
    {
        await using var server = Server(_certificates.Tls() with { IsRequired = false });
        using var clear = server.Enter("disk");
        Assert.Equal(_disk.Content[..512], clear.Ask(0, 0, 512).Data);
        using var encrypted = Begin(server);
        encrypted.Go("disk");
        Assert.Equal(_disk.Content[..512], encrypted.Ask(0, 0, 512).Data);
    }

    [Fact]
    public async Task What_was_negotiated_in_clear_text_is_forgotten()
    {
        await using var server = Server(_certificates.Tls() with { IsRequired = false });
        using var client = Greeted(server);
        client.SendOption(StructuredReply);
        Assert.Equal(Ack, client.ReceiveOptionReply(StructuredReply).Type);
        StartTlsOf(client);
        client.SendOption(ListContexts, RawClient.ContextData("disk"));
        Assert.Equal(ErrorInvalid, client.ReceiveOptionReply(ListContexts).Type);
        client.Go("disk");
        Assert.Equal(_disk.Content[..512], client.Ask(0, 0, 512).Data); // RawClient would not take a simple reply for a structured one
    }

    [Fact]
    public async Task What_was_put_into_the_stream_before_TLS_ends_the_connection()
    {
        await using var server = Server(_certificates.Tls());
        using var client = Greeted(server);
        client.Send([.. Option(StartTls), .. Option(List)]); // as somebody in the middle would
        client.ExpectEnd();
        Assert.Equal(NbdError.ProtocolViolation, (await server.NextFailureAsync()).Reason);
    }

    [Fact]
    public async Task STARTTLS_is_refused_with_data_twice_or_without_a_certificate_and_negotiation_goes_on()
    {
        await using var server = Server(_certificates.Tls());
        using var client = Greeted(server);
        client.SendOption(StartTls, 1);
        Assert.Equal(ErrorInvalid, client.ReceiveOptionReply(StartTls).Type);
        StartTlsOf(client);
        client.SendOption(StartTls);
        Assert.Equal(ErrorInvalid, client.ReceiveOptionReply(StartTls).Type);
        client.Go("disk");

        await using var without = new TestServer(new TestExports(_disk));
        using var other = Greeted(without);
        other.SendOption(StartTls);
        Assert.Equal(ErrorUnsupported, other.ReceiveOptionReply(StartTls).Type);
        other.Go("disk");
    }

    [Fact]
    public async Task What_is_not_TLS_where_TLS_should_begin_ends_the_connection_and_no_other()
    {
        await using var server = Server(_certificates.Tls());
        using var other = Begin(server);
        other.Go("disk");
        using var client = Greeted(server);
        client.SendOption(StartTls);
        Assert.Equal(Ack, client.ReceiveOptionReply(StartTls).Type);
        client.Send(Pattern(5000, 3));
        Assert.Contains((await server.NextFailureAsync()).Reason, new[] { NbdError.TlsFailed, NbdError.ConnectionFailed });
        Assert.Equal(_disk.Content[..512], other.Ask(0, 0, 512).Data);
    }

    [Fact]
    public async Task Who_does_not_finish_the_TLS_handshake_in_time_is_cut_off()
    {
        var time = new ManualTimeProvider();
        await using var server = Server(_certificates.Tls(), time);
        using var client = Greeted(server);
        client.SendOption(StartTls);
        Assert.Equal(Ack, client.ReceiveOptionReply(StartTls).Type);
        time.LetTimeoutsPass();
        client.ExpectEnd();
        Assert.Equal(NbdError.HandshakeTimeout, (await server.NextFailureAsync()).Reason);
    }

    [Fact]
    public async Task A_client_whose_certificate_an_authority_signed_is_served()
    {
        await using var server = Server(_certificates.Tls(checksClients: true));
        using var client = Begin(server, _certificates.Certificate("client"));
        client.Go("disk");
        Assert.Equal(_disk.Content[..512], client.Ask(0, 0, 512).Data);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("server")] // not made for clients
    [InlineData("expired")]
    [InlineData("foreign")]
    public async Task A_client_without_a_good_certificate_is_turned_away(string which)
    {
        using var foreign = new CertificateFolder();
        using var certificate = which switch
        {
            "none" => null,
            "foreign" => foreign.Certificate("client"),
            _ => _certificates.Certificate(which),
        };
        await using var server = Server(_certificates.Tls(checksClients: true));
        try
        {
            using var client = Begin(server, certificate);
            client.SendOption(List);
            client.Receive(1);
            Assert.Fail("It was served.");
        }
        catch (Exception refusal) when (refusal is IOException or AuthenticationException)
        {
            // In TLS 1.3 a client learns of it only when it reads.
        }

        var failure = await server.NextFailureAsync();
        Assert.Equal(NbdError.TlsFailed, failure.Reason);
        Assert.Contains("certificate", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_versions_that_are_safe_are_spoken(SslProtocols version)
    {
        await using var server = Server(_certificates.Tls(checksClients: true));
        using var client = Begin(server, _certificates.Certificate("client"), version);
        client.Go("disk");
        Assert.Equal(_disk.Content[..512], client.Ask(0, 0, 512).Data);
    }

    [Theory]
    [InlineData("missing.pem", "server-key.pem", null, "missing.pem")]
    [InlineData("server-cert.pem", "client-key.pem", null, "client-key.pem")]
    [InlineData("server-cert.pem", "server-cert.pem", null, "server-cert.pem")]
    [InlineData("server-cert.pem", "server-key.pem", "server-key.pem", "authorities")]
    [InlineData("server-cert.pem", "server-key.pem", "missing.pem", "missing.pem")]
    public void Files_that_are_not_what_they_should_be_are_named(string certificate, string key, string? authorities, string named)
    {
        var failure = Assert.Throws<NbdException>(
            () => NbdTls.Load(_certificates[certificate], _certificates[key], authorities is null ? null : _certificates[authorities]));
        Assert.Equal(NbdError.BadCertificate, failure.Reason);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    private TestServer Server(NbdTls tls, TimeProvider? time = null) =>
        new(new TestExports(_disk), new NbdServerOptions { Tls = tls, TimeProvider = time ?? TimeProvider.System });

    private static RawClient Greeted(TestServer server)
    {
        var client = server.Connect();
        client.Greet();
        return client;
    }

    private RawClient Begin(TestServer server, X509Certificate2? certificate = null, SslProtocols version = SslProtocols.None)
    {
        var client = Greeted(server);
        StartTlsOf(client, certificate, version);
        return client;
    }

    private void StartTlsOf(RawClient client, X509Certificate2? certificate = null, SslProtocols version = SslProtocols.None)
    {
        client.SendOption(StartTls);
        Assert.Equal(Ack, client.ReceiveOptionReply(StartTls).Type);
        using var authority = X509CertificateLoader.LoadCertificateFromFile(_certificates.Authorities);
        client.BeginTls(new SslClientAuthenticationOptions
        {
            TargetHost = IPAddress.Loopback.ToString(),
            EnabledSslProtocols = version,
            ClientCertificates = certificate is null ? null : [certificate],
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        });
    }

    private static byte[] Option(uint option) => [.. Encoding.ASCII.GetBytes("IHAVEOPT"), .. RawClient.Big(option), .. RawClient.Big(0u)];
}
