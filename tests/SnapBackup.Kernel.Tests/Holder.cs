using System.Diagnostics;
using System.Reflection;
using SnapBackup.Blocks;

namespace SnapBackup.Kernel.Tests;

/// <summary>A process that holds something of the kernel until it is killed. Disposing kills it, if that was not done.</summary>
internal sealed class Holder : IAsyncDisposable
{
    private readonly Process _process;

    private Holder(Process process) => _process = process;

    public ProcessIdentity Identity => ProcessIdentity.Of(_process.Id)!;

    /// <summary>Starts one, and waits until it holds what it should.</summary>
    public static async Task<Holder> StartAsync(params string[] arguments)
    {
        var program = typeof(Holder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key.Equals("Holder", StringComparison.Ordinal)).Value!;
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet", [program, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var holder = new Holder(Process.Start(start)!);
        if (await holder._process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is "ready")
            return holder;
        await holder.DisposeAsync();
        throw new InvalidOperationException(await holder._process.StandardError.ReadToEndAsync());
    }

    /// <summary>Kills it as a crash would, and does not wait: it may be in a call that only another can end.</summary>
    public void BeginKill() => _process.Kill();

    /// <summary>Kills it as a crash would (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }
}
