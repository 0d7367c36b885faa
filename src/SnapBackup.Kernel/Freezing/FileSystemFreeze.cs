using SnapBackup.Kernel.Attaching;
using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Freezing;

/// <summary>The file systems that are mounted from some attachments, held still together while something is done.</summary>
public static class FileSystemFreeze
{
    /// <summary>How long writers wait at the most, when nothing else is said.</summary>
    public static readonly TimeSpan UsualLimit = TimeSpan.FromSeconds(10);

    /// <summary>Freezes what is mounted, does something, and thaws in every outcome.</summary>
    /// <typeparam name="T">What it results in.</typeparam>
    /// <param name="attachments">The attachments; one without a mounted file system has nothing to freeze.</param>
    /// <param name="needed">Paths of files and block devices that must stay writable meanwhile.</param>
    /// <param name="limit">How long writers may wait at the most; more than zero.</param>
    /// <param name="action">What is done.</param>
    /// <param name="cancellationToken">Gives up before all is frozen.</param>
    /// <returns>What it resulted in, and where the file systems are mounted that did not stay frozen until it was done.</returns>
    /// <exception cref="KernelException">Something cannot be frozen, or must not be because something that is needed lies on it: nothing was done then.</exception>
    public static async Task<FrozenResult<T>> RunAsync<T>(
        IEnumerable<Attachment> attachments, IEnumerable<string> needed, TimeSpan limit, Func<Task<T>> action, CancellationToken cancellationToken = default)
    {
        // Mounts of one file system, such as bind mounts, have the same device number.
        var mounts = attachments.SelectMany(attachment => attachment.Mounts).DistinctBy(mount => mount.DeviceNumber, StringComparer.Ordinal).ToList();
        ThrowIfNeeded(mounts, needed);
        var frozen = new List<FrozenFileSystem>();
        var late = new List<string>();
        T value;
        try
        {
            foreach (var mount in mounts)
                frozen.Add(await FrozenFileSystem.FreezeAsync(mount.Path, limit, cancellationToken).ConfigureAwait(false));
            value = await action().ConfigureAwait(false);
        }
        finally
        {
            foreach (var fileSystem in Enumerable.Reverse(frozen))
            {
                if (!await fileSystem.ThawAsync().ConfigureAwait(false))
                    late.Add(fileSystem.ToString());
            }
        }

        return new FrozenResult<T>(value, late);
    }

    private static void ThrowIfNeeded(List<MountEntry> mounts, IEnumerable<string> needed)
    {
        foreach (var path in mounts.Count == 0 ? [] : needed)
        {
            if (mounts.Find(mount => StorageStack.LiesOn(path, new HashSet<string>(StringComparer.Ordinal) { mount.DeviceNumber })) is { } mount)
            {
                throw new KernelException(
                    KernelError.FreezeRefused,
                    $"{mount.Path}: it cannot be frozen, because {path} lies on it, which must be written meanwhile. Move that elsewhere, or start without freezing: then the snapshot is as after a power cut.");
            }
        }
    }
}
