using SnapBackup.Archive.Creation;
using SnapBackup.Archive.Format;
using SnapBackup.Archive.Linux;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Stores;

/// <summary>
/// Archives as files of one folder. Invariant: a file named <c>*.img.zst</c> that this class made is complete, durable and
/// was read back; until then its name ends in <c>.partial</c>.
/// </summary>
/// <remarks>Any number of stores, in any processes, may work in one folder at the same time.</remarks>
public sealed class FolderStore
{
    private readonly TimeProvider _timeProvider;

    /// <summary>Names the folder.</summary>
    /// <param name="path">
    /// It must exist: a store whose file system is not mounted would else fill the one below it, unnoticed.
    /// </param>
    /// <param name="timeProvider">Gives archives their time.</param>
    /// <exception cref="ArchiveException"><see cref="ArchiveError.NotFound"/>.</exception>
    public FolderStore(string path, TimeProvider timeProvider)
    {
        Path = System.IO.Path.GetFullPath(path);
        _timeProvider = timeProvider;
        if (!Directory.Exists(Path))
            throw new ArchiveException(ArchiveError.NotFound, $"{Path}: there is no such folder. Create it, or mount the file system that has it.");
    }

    /// <summary>The folder, as a full path.</summary>
    public string Path { get; }

    /// <summary>Archives a device, best a snapshot: what is written to it meanwhile may or may not be in the archive.</summary>
    /// <param name="source">The device; the caller's.</param>
    /// <param name="options">What is known of it, and how it is stored.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; nothing is left then.</param>
    /// <returns>The archive, which is complete, durable and read back as far as its structure goes.</returns>
    /// <exception cref="ArchiveException">An option or the device is refused, or the store failed; nothing is left.</exception>
    /// <exception cref="BlockDeviceException">The device failed; nothing is left.</exception>
    public async Task<ArchiveInfo> CreateAsync(
        IBlockDevice source, ArchiveOptions options, IProgress<ArchiveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var layout = ImageCreation.LayoutFor(source, options);
        var manifest = NewManifest(source, options, layout);
        var name = ArchiveFileName.For(manifest);
        var path = PathOf(name);
        try
        {
            using var partial = new PartialFile(path);
            var creation = new ImageCreation(source, options, layout, partial.Stream, progress);
            await creation.RunAsync(manifest, cancellationToken).ConfigureAwait(false);
            partial.Flush();
            var info = await ReadBackAsync(name, partial.Path, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            partial.Publish();
            return info;
        }
        catch (Exception error) when (StoreFailure.Explains(error))
        {
            throw StoreFailure.From(error, path, "writing the archive");
        }
    }

    /// <summary>Lists the archives; of each only the end is read.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArchiveException">The folder cannot be read.</exception>
    public async Task<StoreListing> ListAsync(CancellationToken cancellationToken = default)
    {
        var archives = new List<ArchiveInfo>();
        var unreadable = new List<UnreadableArchive>();
        foreach (var file in Files(ArchiveFileName.Suffix))
        {
            try
            {
                archives.Add(await ReadInfoAsync(file, cancellationToken).ConfigureAwait(false));
            }
            catch (BlockDeviceException error) when (error.Reason == BlockDeviceError.NotFound)
            {
                // Deleted by another since the folder was read: it is not in the store.
            }
            catch (SnapBackupException error)
            {
                unreadable.Add(new UnreadableArchive(file.Name, error.Message));
            }
        }

        var sorted = archives
            .OrderBy(archive => archive.Manifest.DeviceName, StringComparer.Ordinal)
            .ThenBy(archive => archive.Manifest.SnapshotTime)
            .ThenBy(archive => archive.Manifest.ArchiveId);
        return new StoreListing([.. sorted], unreadable);
    }

    /// <summary>Opens an archive and checks its structure.</summary>
    /// <param name="name">Its name in the store.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArchiveException">There is none of this name, or it is not a whole one.</exception>
    public Task<ImageArchive> OpenAsync(string name, CancellationToken cancellationToken = default) =>
        ImageArchive.OpenAsync(ExistingPathOf(name), cancellationToken);

    /// <summary>Deletes an archive, durably. Who has it open keeps it until it is closed.</summary>
    /// <param name="name">Its name in the store.</param>
    /// <exception cref="ArchiveException">There is none of this name, or it cannot be deleted.</exception>
    public void Delete(string name)
    {
        var path = ExistingPathOf(name);
        try
        {
            File.Delete(path);
            Folder.Flush(Path);
        }
        catch (Exception error) when (StoreFailure.Explains(error))
        {
            throw StoreFailure.From(error, path, "deleting the archive");
        }
    }

    /// <summary>Lists what is being written, and what was when its writer died.</summary>
    /// <exception cref="ArchiveException">The folder cannot be read.</exception>
    public IReadOnlyList<PartialArchive> ListPartial() =>
        [.. Files(ArchiveFileName.PartialSuffix).Where(file => file.Exists).Select(file => new PartialArchive(file.Name, file.Length))];

    /// <summary>Deletes what dead writers left. What is being written, here or in another process, stays.</summary>
    /// <returns>The names of the deleted files.</returns>
    /// <exception cref="ArchiveException">The folder cannot be read or changed.</exception>
    public IReadOnlyList<string> RemoveAbandoned()
    {
        try
        {
            return [.. Files(ArchiveFileName.PartialSuffix).Where(file => PartialFile.TryRemoveAbandoned(file.FullName)).Select(file => file.Name)];
        }
        catch (Exception error) when (StoreFailure.Explains(error))
        {
            throw StoreFailure.From(error, Path, "removing what dead writers left");
        }
    }

    private static async Task<ArchiveInfo> ReadInfoAsync(FileInfo file, CancellationToken cancellationToken)
    {
        var device = FileBlockDevice.Open(file.FullName, new FileBlockDeviceOptions { ReadOnly = true, Exclusive = false });
        await using (device.ConfigureAwait(false))
        {
            var tail = await ArchiveTail.ReadAsync(device, cancellationToken).ConfigureAwait(false);
            return new ArchiveInfo(file.Name, file.FullName, device.Size, tail.Manifest);
        }
    }

    /// <summary>Opens what was written as any reader would: an archive that we cannot read is not published.</summary>
    private async Task<ArchiveInfo> ReadBackAsync(string name, string partialPath, CancellationToken cancellationToken)
    {
        var archive = await ImageArchive.OpenAsync(partialPath, cancellationToken).ConfigureAwait(false);
        await using (archive.ConfigureAwait(false))
            return new ArchiveInfo(name, PathOf(name), archive.StoredSize, archive.Manifest);
    }

    private ArchiveManifest NewManifest(IBlockDevice source, ArchiveOptions options, FrameLayout layout)
    {
        var now = _timeProvider.GetUtcNow();
        return new ArchiveManifest
        {
            ArchiveId = Guid.CreateVersion7(now),
            Kind = ArchiveKind.Full,
            DeviceName = options.DeviceName,
            SnapshotName = options.SnapshotName,
            SeriesId = options.SeriesId,
            SnapshotTime = (options.SnapshotTime ?? now).ToUniversalTime(),
            SectorSize = source.SectorSize,
            Layout = layout,
        };
    }

    private List<FileInfo> Files(string suffix)
    {
        try
        {
            return [.. new DirectoryInfo(Path).EnumerateFiles("*" + suffix)];
        }
        catch (Exception error) when (StoreFailure.Explains(error))
        {
            throw StoreFailure.From(error, Path, "reading the folder");
        }
    }

    private string PathOf(string name) => System.IO.Path.Combine(Path, name);

    private string ExistingPathOf(string name)
    {
        var path = PathOf(name);
        if (!ArchiveFileName.IsPlain(name) || !File.Exists(path))
            throw new ArchiveException(ArchiveError.NotFound, $"{Path}: there is no archive '{name}' in this store. List it to see what there is.");
        return path;
    }
}
