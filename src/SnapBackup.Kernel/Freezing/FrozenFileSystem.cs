using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SnapBackup.Blocks.Linux;

namespace SnapBackup.Kernel.Freezing;

/// <summary>
/// A file system that the kernel holds still: everything written before is on its block device, whole and without a journal to replay, and who writes
/// waits. Each is thawed in every outcome: by us, or by a <see cref="FreezeWatchdog"/>.
/// </summary>
internal sealed class FrozenFileSystem
{
    private readonly string _path;
    private readonly SafeFileHandle _folder;
    private readonly FreezeWatchdog _watchdog;

    private FrozenFileSystem(string path, SafeFileHandle folder, FreezeWatchdog watchdog)
    {
        _path = path;
        _folder = folder;
        _watchdog = watchdog;
    }

    /// <summary>Its watchdog's process.</summary>
    internal int WatchdogId => _watchdog.ProcessId;

    /// <summary>Freezes one. Its users wait from the call on; what is dirty is written out meanwhile.</summary>
    /// <param name="path">Where it is mounted.</param>
    /// <param name="limit">How long its users may wait at the most.</param>
    /// <param name="cancellationToken">Gives up before anything is frozen.</param>
    /// <exception cref="KernelException"><see cref="KernelError.FreezeFailed"/>; nothing is frozen then.</exception>
    public static async Task<FrozenFileSystem> FreezeAsync(string path, TimeSpan limit, CancellationToken cancellationToken)
    {
        var folder = Open(path);
        FreezeWatchdog? watchdog = null;
        try
        {
            watchdog = await FreezeWatchdog.StartAsync(path, limit, cancellationToken).ConfigureAwait(false);

            // On a thread of its own: what it writes out may come to us, over NBD.
            await Task.Factory.StartNew(
                () => Control(folder, LibC.FIFREEZE, path), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            return new FrozenFileSystem(path, folder, watchdog);
        }
        catch
        {
            if (watchdog is not null)
                await watchdog.DisposeAsync().ConfigureAwait(false);
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Thaws it.</summary>
    /// <returns>Whether it was frozen until now; else the watchdog was faster.</returns>
    public async Task<bool> ThawAsync()
    {
        var wasFrozen = await Task.Factory.StartNew(
            () => LibC.IoctlValue(_folder, LibC.FITHAW, 0) == 0, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        await _watchdog.DisposeAsync().ConfigureAwait(false);
        _folder.Dispose();
        return wasFrozen;
    }

    /// <inheritdoc/>
    public override string ToString() => _path;

    private static SafeFileHandle Open(string path)
    {
        var descriptor = LibC.Open(path, LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed(path, "opening");
    }

    private static void Control(SafeFileHandle folder, nuint request, string path)
    {
        if (LibC.IoctlValue(folder, request, 0) != 0)
            throw Failed(path, "freezing");
    }

    private static KernelException Failed(string path, string operation) => new(
        KernelError.FreezeFailed,
        $"{path}: {operation} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}. Is it frozen already ('fsfreeze --unfreeze' thaws it), or of a kind that cannot be frozen? Without freezing, the snapshot is as after a power cut.");
}
