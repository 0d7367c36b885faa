using System.Threading.Channels;

namespace SnapBackup.Nbd.Tests;

/// <summary>A server on a socket in a folder of its own, and what it reported.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Channel<NbdException> _failures = Channel.CreateUnbounded<NbdException>();

    public TestServer(INbdExports exports, NbdServerOptions? options = null)
    {
        options ??= new NbdServerOptions();
        Server = NbdServer.Listen(
            _folder["nbd.sock"], exports, options with { OnConnectionFailed = failure => _failures.Writer.TryWrite(failure) });
    }

    public NbdServer Server { get; }

    public string SocketPath => Server.EndPoint.ToString()!;

    public string Uri(string export = "") => $"nbd+unix:///{export}?socket={SocketPath}";

    public RawClient Connect() => RawClient.Connect(Server.EndPoint);

    public RawClient Enter(string export = "", bool structured = false) => RawClient.Enter(Server.EndPoint, export, structured);

    public async Task<NbdException> NextFailureAsync() => await _failures.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>What it reported and nobody asked for yet, after it was disposed.</summary>
    public IAsyncEnumerable<NbdException> AllFailuresAsync() => _failures.Reader.ReadAllAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _failures.Writer.TryComplete();
        _folder.Dispose();
    }
}
