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
    private readonly SafeFileHandle _folder;
    private readonly FreezeWatchdog _watchdog;

    private FrozenFileSystem(string path, SafeFileHandle folder, FreezeWatchdog watchdog)
    {
        Path = path;
        _folder = folder;
        _watchdog = watchdog;
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>Writes out what is dirty, and holds nobody.</summary>
    /// <param name="path">Where it is mounted.</param>
    /// <exception cref="KernelException"><see cref="KernelError.FreezeFailed"/>.</exception>
    public static async Task WriteOutAsync(string path)
    {
        using var folder = Open(path);
        await OnThreadOfItsOwnAsync(() => LibC.SyncFileSystem(folder), path, "writing out").ConfigureAwait(false);
    }

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
            await OnThreadOfItsOwnAsync(() => LibC.IoctlValue(folder, LibC.FIFREEZE, 0), path, "freezing").ConfigureAwait(false);
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

    private static SafeFileHandle Open(string path)
    {
        var descriptor = LibC.Open(path, LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed(path, "opening");
    }

    /// <remarks>What a call into a file system writes out may come to us, over NBD: none must take a thread away that answers it.</remarks>
    private static Task OnThreadOfItsOwnAsync(Func<int> call, string path, string operation) => Task.Factory.StartNew(
        () =>
        {
            if (call() != 0)
                throw Failed(path, operation);
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private static KernelException Failed(string path, string operation) => new(
        KernelError.FreezeFailed,
        $"{path}: {operation} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}. Is it frozen already ('fsfreeze --unfreeze' thaws it), or of a kind that cannot be frozen? Without freezing, the snapshot is as after a power cut.");
}
