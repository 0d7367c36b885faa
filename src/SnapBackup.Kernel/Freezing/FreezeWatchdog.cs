using System.Diagnostics;
using System.Globalization;
using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Freezing;

/// <summary>
/// A process of its own that thaws a file system when the limit is exceeded, or when we die: then the pipe that we hold ends. It is in a session
/// of its own, so that what ends us at a terminal does not end it.
/// </summary>
/// <remarks>
/// While the kernel is still on its way to a frozen file system it refuses to thaw it: so the watchdog that we do not answer tries again every
/// second. When we have died it need not: a pipe ends only after the last call of a dead process has returned.
/// </remarks>
internal sealed class FreezeWatchdog : IAsyncDisposable
{
    private const string Ready = "ready";
    private const string Thawed = "thawed";

    private const string Script = """
        trap '' HUP INT QUIT TERM
        echo ready
        limit=$2
        while :; do
            answer=$(timeout "$limit" head -n 1)
            status=$?
            [ "$answer" = thawed ] && exit 0
            fsfreeze --unfreeze "$1" 2>/dev/null && exit 0
            [ "$status" = 124 ] || exit 0
            limit=1
        done
        """;

    private readonly Process _process;

    private FreezeWatchdog(Process process) => _process = process;

    /// <summary>Starts one, and waits until it watches.</summary>
    /// <param name="path">Where the file system is mounted.</param>
    /// <param name="limit">How long it may be frozen.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KernelException">There can be none; then nothing must be frozen.</exception>
    public static async Task<FreezeWatchdog> StartAsync(string path, TimeSpan limit, CancellationToken cancellationToken)
    {
        _ = SystemTool.Get("timeout", "coreutils");
        _ = SystemTool.Get("fsfreeze", "util-linux");
        var watchdog = new FreezeWatchdog(SystemTool.Get("setsid", "util-linux").Start(
            "sh", "-c", Script, "snapbackup-thaw", path, limit.TotalSeconds.ToString(CultureInfo.InvariantCulture)));
        try
        {
            if (await watchdog._process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false) is not Ready)
                throw new KernelException(KernelError.FreezeFailed, $"{path}: the process that would thaw it if we could not did not start. It is not frozen.");
            return watchdog;
        }
        catch
        {
            await watchdog.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Tells it that the file system was thawed, and lets it go.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(Thawed).ConfigureAwait(false);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has thawed it and ended.
        }

        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }
}
