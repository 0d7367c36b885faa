using System.Diagnostics;
using System.Globalization;
using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Freezing;

/// <summary>
/// A file system that the kernel holds still (FIFREEZE): everything written before is on its block device, whole and without a journal to replay, and
/// who writes waits.
/// </summary>
/// <remarks>
/// <para>It is frozen and thawed by a process of its own, the watchdog, which thaws it in every outcome: when it is told to, when the limit is exceeded, and
/// when we die, for then the pipe that we hold ends. It is in a session of its own, so that what ends us at a terminal does not end it.</para>
/// <para>No call that writes to the file system may be made by us: what it writes comes back to us over NBD. If we were killed in the middle of one, it would
/// wait for us for ever, and we for it.</para>
/// </remarks>
internal sealed class FrozenFileSystem
{
    private const string Frozen = "frozen";
    private const string Thawed = "thawed";

    /// <remarks>What is dirty is written out while its users may still write: so the freeze is short.</remarks>
    private const string Watchdog = """
        trap '' HUP INT QUIT TERM
        sync --file-system "$1"
        fsfreeze --freeze "$1" || exit
        echo frozen
        timeout "$2" head -n 1 >/dev/null
        status=$?
        fsfreeze --unfreeze "$1" && [ "$status" = 0 ] && echo thawed
        """;

    private readonly Process _watchdog;

    private FrozenFileSystem(string path, Process watchdog)
    {
        Path = path;
        _watchdog = watchdog;
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>Freezes one. Its users wait from then on.</summary>
    /// <param name="path">Where it is mounted.</param>
    /// <param name="limit">How long they may wait at the most.</param>
    /// <param name="cancellationToken">Gives up; nothing stays frozen then.</param>
    /// <exception cref="KernelException"><see cref="KernelError.FreezeFailed"/>; nothing is frozen then.</exception>
    public static async Task<FrozenFileSystem> FreezeAsync(string path, TimeSpan limit, CancellationToken cancellationToken)
    {
        foreach (var (tool, package) in new[] { ("sync", "coreutils"), ("timeout", "coreutils"), ("fsfreeze", "util-linux") })
            _ = SystemTool.Get(tool, package);
        var watchdog = SystemTool.Get("setsid", "util-linux").Start(
            "sh", "-c", Watchdog, "snapbackup-freeze", path, limit.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        try
        {
            if (await watchdog.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false) is Frozen)
                return new FrozenFileSystem(path, watchdog);
            var complaint = new ToolOutcome("fsfreeze", 1, "", await watchdog.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false)).Complaint;
            throw new KernelException(
                KernelError.FreezeFailed,
                $"{path}: it could not be frozen: {complaint}. Is it frozen already ('fsfreeze --unfreeze' thaws it), or of a kind that cannot be? Without freezing, the snapshot is as after a power cut.");
        }
        catch
        {
            // Should it still be on its way to a frozen file system, it thaws that as soon as it is there: the pipe has ended.
            watchdog.StandardInput.Close();
            watchdog.Dispose();
            throw;
        }
    }

    /// <summary>Thaws it.</summary>
    /// <returns>Whether it was frozen until now; else it took too long.</returns>
    public async Task<bool> ThawAsync()
    {
        _watchdog.StandardInput.Close();
        var answer = await _watchdog.StandardOutput.ReadLineAsync().ConfigureAwait(false);
        await _watchdog.WaitForExitAsync().ConfigureAwait(false);
        _watchdog.Dispose();
        return answer is Thawed;
    }
}
