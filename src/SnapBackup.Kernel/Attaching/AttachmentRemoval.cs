using System.Diagnostics;
using SnapBackup.Blocks;
using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Attaching;

/// <summary>
/// Undoes attachments, from the last step to the first, by what is registered and what the kernel says is there: so it does for one's own
/// and for those of processes that are gone, whole or half made, and can be repeated.
/// </summary>
internal static class AttachmentRemoval
{
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    /// <summary>Unmounts, detaches and forgets. What is in use is taken away all the same: its users get errors.</summary>
    /// <param name="registry">Where it is registered.</param>
    /// <param name="record">The attachment.</param>
    /// <exception cref="KernelException">Something would not go; it stays registered.</exception>
    public static async Task RemoveAsync(AttachmentRegistry registry, AttachmentRecord record)
    {
        IReadOnlyList<MountEntry> mounts = FindDevice(record) is { } device ? MountTable.Read().On(device) : [];
        if (!record.Owner.IsAlive)
            await AbandonAsync(record).ConfigureAwait(false);
        foreach (var mount in mounts.Reverse())
            await UnmountAsync(mount.Path).ConfigureAwait(false);
        if (record.Method == AttachmentMethod.NbdModule)
            await DisconnectNbdAsync(record).ConfigureAwait(false);
        else
            await DetachLoopAsync(record).ConfigureAwait(false);
        DeleteFolder(record.MadeMountPoint);
        registry.Delete(record.Id);
    }

    /// <summary>The attachment's block device; null when it is gone, or its name means another by now.</summary>
    public static BlockNode? FindDevice(AttachmentRecord record) => record switch
    {
        { Method: AttachmentMethod.FuseAndLoop } => FuseLoopClient.LoopOn(record),
        { BlockDevice: { } device, NbdClient: { } client } when client.Equals(NbdModuleClient.ClientOf(device), StringComparison.Ordinal) => BlockNode.At(device),
        _ => null,
    };

    /// <summary>Lets those have errors who wait for a server that will never answer, because it was killed; it may be among them itself.</summary>
    private static async Task AbandonAsync(AttachmentRecord record)
    {
        if (record.Method == AttachmentMethod.NbdModule)
            await DisconnectNbdAsync(record).ConfigureAwait(false);
        else if (record.FuseProcess is { } nbdfuse)
            Kill(nbdfuse);
    }

    /// <summary>Unmounts; from a user who is inside, it is taken away.</summary>
    private static async Task UnmountAsync(string path)
    {
        var umount = SystemTool.Get("umount", "mount");
        if ((await umount.RunAsync(CancellationToken.None, path).ConfigureAwait(false)).Succeeded || MountTable.Read().At(path) is null)
            return;

        // What its user has written and the kernel still holds must not go with it.
        await SystemTool.Get("sync", "coreutils").RunAsync(CancellationToken.None, "--file-system", path).ConfigureAwait(false);
        var lazy = await umount.RunAsync(CancellationToken.None, "--lazy", path).ConfigureAwait(false);
        if (!lazy.Succeeded && MountTable.Read().At(path) is not null)
            throw new KernelException(KernelError.StillMounted, $"{path}: it could not be unmounted: {lazy.Complaint}. Unmount it (umount -l), and try again.");
    }

    private static async Task DisconnectNbdAsync(AttachmentRecord record)
    {
        if (FindDevice(record) is not { } device)
            return;
        var client = await SystemTool.Get("nbd-client", "nbd-client").RunAsync(CancellationToken.None, "-d", device.Path).ConfigureAwait(false);
        if (!client.Succeeded && FindDevice(record) is not null)
            throw new KernelException(KernelError.StillAttached, $"{device.Path}: it could not be disconnected: {client.Complaint}. Disconnect it (nbd-client -d), and try again.");
    }

    /// <remarks>The loop device first: when nbdfuse's folder is unmounted, nothing tells any more which one it was.</remarks>
    private static async Task DetachLoopAsync(AttachmentRecord record)
    {
        if (FuseLoopClient.LoopOn(record) is { } loop)
        {
            // One that is in use goes with its last user.
            var losetup = await SystemTool.Get("losetup", "mount").RunAsync(CancellationToken.None, "--detach", loop.Path).ConfigureAwait(false);
            if (!losetup.Succeeded && FuseLoopClient.LoopOn(record) is not null)
                throw new KernelException(KernelError.StillAttached, $"{loop.Path}: it could not be detached: {losetup.Complaint}. Detach it (losetup -d), and try again.");
        }

        if (MountTable.Read().At(record.FuseFolder!) is not null)
            await UnmountAsync(record.FuseFolder!).ConfigureAwait(false);
        if (record.FuseProcess is { } nbdfuse)
            await EndAsync(nbdfuse).ConfigureAwait(false);
        DeleteFolder(record.FuseFolder);
    }

    /// <summary>Waits until nbdfuse has ended, as it does when nothing is mounted any more; else ends it.</summary>
    private static async Task EndAsync(ProcessIdentity nbdfuse)
    {
        var begin = Stopwatch.GetTimestamp();
        while (nbdfuse.IsAlive && Stopwatch.GetElapsedTime(begin) < ExitLimit)
            await Task.Delay(LookAgain).ConfigureAwait(false);
        Kill(nbdfuse);
    }

    private static void Kill(ProcessIdentity identity)
    {
        try
        {
            using var process = Process.GetProcessById(identity.ProcessId);
            if (identity.IsAlive)
                process.Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            // It has ended already.
        }
    }

    private static void DeleteFolder(string? folder)
    {
        try
        {
            if (folder is not null)
                Directory.Delete(folder);
        }
        catch (IOException)
        {
            // It is gone, or somebody has put something into it, and it is theirs by now.
        }
    }
}
