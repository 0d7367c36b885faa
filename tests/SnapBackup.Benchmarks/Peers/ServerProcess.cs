using System.Diagnostics;
using System.Net.Sockets;

namespace SnapBackup.Benchmarks.Peers;

/// <summary>A program that serves a disk on a Unix socket, in a process of its own. Disposing ends it.</summary>
internal class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly string _socket;

    protected ServerProcess(string program, string socket, IEnumerable<string> arguments)
    {
        _socket = socket;
        Process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    protected Process Process { get; }

    /// <summary>How much memory it has.</summary>
    public long ResidentBytes
    {
        get
        {
            Process.Refresh();
            return Process.WorkingSet64;
        }
    }

    /// <summary>What an export is reached by.</summary>
    /// <exception cref="InvalidOperationException">The program has ended.</exception>
    public string UriOf(string export) => Process.HasExited
        ? throw new InvalidOperationException($"{Process.StartInfo.FileName} ended with exit code {Process.ExitCode}.")
        : $"nbd+unix:///{export}?socket={_socket}";

    public virtual async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
            Process.Kill();
        await Process.WaitForExitAsync();
        Process.Dispose();
        File.Delete(_socket);
    }

    /// <summary>Waits until it can be connected to.</summary>
    protected async Task WaitUntilReadyAsync()
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await probe.ConnectAsync(new UnixDomainSocketEndPoint(_socket));
                return;
            }
            catch (SocketException) when (!Process.HasExited && Stopwatch.GetElapsedTime(start) < StartLimit)
            {
                await Task.Delay(20);
            }
        }
    }
}
