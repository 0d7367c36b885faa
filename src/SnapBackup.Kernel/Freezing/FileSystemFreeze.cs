using SnapBackup.Kernel.Attaching;
using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Freezing;

/// <summary>
/// The file systems that are mounted from some attachments, held still together. Disposing it thaws them, if <see cref="ThawAsync"/> has not done so.
/// </summary>
/// <remarks>None stays frozen beyond the limit, or when this process dies: each has a watchdog of its own.</remarks>
public sealed class FileSystemFreeze : IAsyncDisposable
{
    /// <summary>How long writers wait at the most, when nothing else is said.</summary>
    public static readonly TimeSpan UsualLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ShortestLimit = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan LongestLimit = TimeSpan.FromHours(1);

    private readonly List<FrozenFileSystem> _frozen = [];
    private readonly CancellationTokenSource _limit = new();
    private readonly TimeSpan _longest;

    private FileSystemFreeze(TimeSpan longest) => _longest = longest;

    /// <summary>Cancelled when the limit is exceeded: whatever is done meanwhile is in vain then.</summary>
    public CancellationToken LimitExceeded => _limit.Token;

    /// <summary>Freezes what is mounted.</summary>
    /// <param name="attachments">The attachments; one without a mounted file system has nothing to freeze.</param>
    /// <param name="needed">Paths of files and block devices that must stay writable meanwhile.</param>
    /// <param name="limit">How long writers may wait at the most; from 0.1 seconds to an hour.</param>
    /// <param name="cancellationToken">Gives up before all is frozen.</param>
    /// <returns>What holds them; the caller disposes it.</returns>
    /// <exception cref="KernelException">One cannot be frozen, or must not be because something that is needed lies on it; none is frozen then.</exception>
    public static async Task<FileSystemFreeze> BeginAsync(
        IEnumerable<Attachment> attachments, IEnumerable<string> needed, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        if (limit < ShortestLimit || limit > LongestLimit)
            throw new KernelException(KernelError.InvalidFreezeLimit, $"{limit}: a file system cannot be frozen for that long. Allow {ShortestLimit.TotalSeconds} seconds to an hour.");

        // Mounts of one file system, such as bind mounts, have the same device number.
        var mounts = attachments.SelectMany(attachment => attachment.Mounts).DistinctBy(mount => mount.DeviceNumber, StringComparer.Ordinal).ToList();
        ThrowIfNeeded(mounts, needed);
        var freeze = new FileSystemFreeze(limit);
        try
        {
            freeze._limit.CancelAfter(limit);
            foreach (var mount in mounts)
                freeze._frozen.Add(await FrozenFileSystem.FreezeAsync(mount.Path, limit, cancellationToken).ConfigureAwait(false));
            return freeze;
        }
        catch
        {
            await freeze.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Thaws them.</summary>
    /// <exception cref="KernelException"><see cref="KernelError.FreezeTimeout"/>: not all were frozen until now. They are thawed all the same.</exception>
    public async Task ThawAsync()
    {
        var late = await ThawAllAsync().ConfigureAwait(false);
        if (late.Count > 0)
            throw LateFor(string.Join(", ", late));
    }

    /// <summary>The error of something that was given up because of <see cref="LimitExceeded"/>.</summary>
    /// <param name="name">What it is about.</param>
    public KernelException LateFor(string name) => new(
        KernelError.FreezeTimeout,
        $"{name}: it was frozen for more than {_longest.TotalSeconds:0.###} seconds, and was thawed before the snapshot had started. Try again when there is less to do, allow more time, or start without freezing: then the snapshot is as after a power cut.");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ThawAllAsync().ConfigureAwait(false);
        _limit.Dispose();
    }

    private async Task<List<string>> ThawAllAsync()
    {
        var late = new List<string>();
        foreach (var fileSystem in Enumerable.Reverse(_frozen))
        {
            if (!await fileSystem.ThawAsync().ConfigureAwait(false))
                late.Add(fileSystem.Path);
        }

        _frozen.Clear();
        return late;
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
