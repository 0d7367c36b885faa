using SnapBackup.Archive;
using SnapBackup.Archive.Stores;
using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.Control.Archives;

/// <summary>Archives of snapshots, in folders.</summary>
public sealed class ArchiveControl
{
    private readonly SnapshotControl _snapshots;
    private readonly TimeProvider _time;

    internal ArchiveControl(SnapshotControl snapshots, TimeProvider time)
    {
        _snapshots = snapshots;
        _time = time;
    }

    /// <summary>Archives a snapshot.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The snapshot's name; null for the only one there is.</param>
    /// <param name="store">The folder to keep the archive in.</param>
    /// <param name="compressionLevel">The zstd level, 1 to 19; null for the usual one.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; nothing is left then.</param>
    /// <exception cref="EngineException">There is no such device or snapshot, or the snapshot broke meanwhile.</exception>
    /// <exception cref="ControlException">There are several snapshots, and none was named.</exception>
    /// <exception cref="ArchiveException">The store cannot be used; nothing is left there.</exception>
    public async Task<SnapArchiveInfo> CreateAsync(
        string device,
        string? name,
        string store,
        int? compressionLevel = null,
        IProgress<ArchiveProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var snapshot = _snapshots.Select(device, name);
        var options = new ArchiveOptions
        {
            DeviceName = device,
            SnapshotName = snapshot.Name,
            SnapshotTime = snapshot.StartedAt,
            CompressionLevel = compressionLevel ?? ArchiveOptions.DefaultCompressionLevel,
        };
        var image = snapshot.Open();
        await using (image.ConfigureAwait(false))
        {
            var archive = await new FolderStore(store, _time).CreateAsync(image, options, progress, cancellationToken).ConfigureAwait(false);
            return SnapArchiveInfo.Of(archive.Path, archive.StoredSize, archive.Manifest);
        }
    }

    /// <summary>Lists the archives of a folder; of each only the end is read.</summary>
    /// <param name="store">The folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArchiveException">The folder does not exist or cannot be read.</exception>
    public async Task<ArchiveListing> ListAsync(string store, CancellationToken cancellationToken = default)
    {
        var listing = await new FolderStore(store, _time).ListAsync(cancellationToken).ConfigureAwait(false);
        var archives = listing.Archives
            .Select(archive => SnapArchiveInfo.Of(archive.Path, archive.StoredSize, archive.Manifest))
            .OrderBy(archive => archive.Time);
        return new ArchiveListing([.. archives], listing.Unreadable);
    }

    /// <summary>Looks at one archive; only its end is read.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Blocks.SnapBackupException">It does not exist or is no whole archive.</exception>
    public async Task<SnapArchiveInfo> GetAsync(string path, CancellationToken cancellationToken = default)
    {
        var archive = await ImageArchive.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        await using (archive.ConfigureAwait(false))
            return SnapArchiveInfo.Of(path, archive.StoredSize, archive.Manifest);
    }

    /// <summary>Tests an archive. What is wrong with it is a finding, not an error.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="structureOnly">Whether to look at its structure only, which takes no time, instead of reading everything.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Blocks.BlockDeviceException">It does not exist or cannot be read.</exception>
    public async Task<SnapArchiveReport> TestAsync(
        string path, bool structureOnly = false, IProgress<ArchiveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ImageArchive archive;
        try
        {
            archive = await ImageArchive.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (ArchiveException unusable)
        {
            return new SnapArchiveReport
            {
                Path = path,
                IsIntact = false,
                ContentChecked = false,
                BytesVerified = 0,
                Damaged = [],
                Problem = unusable.Message,
            };
        }

        await using (archive.ConfigureAwait(false))
        {
            var found = structureOnly
                ? new ArchiveVerification(0, [])
                : await archive.VerifyAsync(progress, cancellationToken).ConfigureAwait(false);
            return new SnapArchiveReport
            {
                Path = path,
                IsIntact = found.IsIntact,
                ContentChecked = !structureOnly,
                BytesVerified = found.BytesVerified,
                Damaged = found.Damaged,
            };
        }
    }

    /// <summary>Restores an archive's image.</summary>
    /// <param name="path">The archive's file.</param>
    /// <param name="target">A file that does not exist, or with <paramref name="overwrite"/> a file or block device that does.</param>
    /// <param name="overwrite">Whether something that exists may be written over.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; a new file is gone then, an existing target says that it is unfinished.</param>
    /// <returns>The archive.</returns>
    /// <exception cref="Blocks.SnapBackupException">The archive or the target cannot be used, or the restore could not be finished.</exception>
    public async Task<SnapArchiveInfo> RestoreAsync(
        string path, string target, bool overwrite = false, IProgress<ArchiveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var archive = await ImageArchive.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        await using (archive.ConfigureAwait(false))
        {
            await archive.RestoreAsync(target, overwrite, progress, cancellationToken).ConfigureAwait(false);
            return SnapArchiveInfo.Of(path, archive.StoredSize, archive.Manifest);
        }
    }
}
