using SnapBackup.Archive.Format;
using SnapBackup.Archive.Reading;
using SnapBackup.Blocks;

namespace SnapBackup.Archive;

/// <summary>
/// An open image archive. Opening checks its structure: manifest, seek table and digests are there, match their digests and
/// one another, and account for every byte of the file. <see cref="VerifyAsync"/> checks the content too.
/// </summary>
/// <remarks>Its operations may run at the same time. It owns the file, which disposing closes.</remarks>
public sealed class ImageArchive : IAsyncDisposable
{
    private readonly IBlockDevice _file;
    private readonly ArchiveIndex _index;

    private ImageArchive(IBlockDevice file, ArchiveManifest manifest, ArchiveIndex index)
    {
        _file = file;
        _index = index;
        Manifest = manifest;
    }

    /// <summary>What the archive says about itself.</summary>
    public ArchiveManifest Manifest { get; }

    /// <summary>The size of the archive itself, in bytes.</summary>
    public long StoredSize => _file.Size;

    /// <summary>Opens an archive, in a store or wherever it was copied to.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArchiveException">It is no archive, or not a whole one.</exception>
    /// <exception cref="BlockDeviceException">It does not exist or cannot be read.</exception>
    public static Task<ImageArchive> OpenAsync(string path, CancellationToken cancellationToken = default) =>
        OpenAsync(FileBlockDevice.Open(path, new FileBlockDeviceOptions { ReadOnly = true, Exclusive = false }), cancellationToken);

    /// <summary>Opens an archive whose bytes a device holds.</summary>
    /// <param name="file">The archive's bytes. Owned by the result, and closed when opening fails.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArchiveException">It is no archive, or not a whole one.</exception>
    public static async Task<ImageArchive> OpenAsync(IBlockDevice file, CancellationToken cancellationToken = default)
    {
        try
        {
            var tail = await ArchiveTail.ReadAsync(file, cancellationToken).ConfigureAwait(false);
            var index = await ArchiveIndex.ReadAsync(file, tail, cancellationToken).ConfigureAwait(false);
            return new ImageArchive(file, tail.Manifest, index);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reads and decompresses everything and compares it with the digests taken when the archive was made.</summary>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What is damaged, if anything; damage is a finding, not an error.</returns>
    public Task<ArchiveVerification> VerifyAsync(IProgress<ArchiveProgress>? progress = null, CancellationToken cancellationToken = default) =>
        new ContentVerification(_file, _index, progress).RunAsync(cancellationToken);

    /// <summary>Restores the image to a path.</summary>
    /// <param name="path">
    /// A file that does not exist, or with <paramref name="overwrite"/> a file or block device that does. A new file appears under
    /// its name when it is complete and durable; until then it is <c>path.snapbackup-partial</c>, sparse, readable by its owner alone.
    /// </param>
    /// <param name="overwrite">Whether something that exists may be written over; what it has beyond the image's size stays.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it: a new file is gone then, for the others see <see cref="RestoreAsync(IBlockDevice, IProgress{ArchiveProgress}?, CancellationToken)"/>.</param>
    /// <exception cref="ArchiveException">The target is refused, or the restore could not be finished.</exception>
    /// <exception cref="BlockDeviceException">The target is in use or cannot be opened, or failed while the file was new.</exception>
    public async Task RestoreAsync(
        string path, bool overwrite = false, IProgress<ArchiveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (!Path.Exists(path))
        {
            await RestoreToNewFileAsync(path, progress, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (!overwrite)
            throw Refused(path, "it exists. Choose another path, or ask for it to be overwritten.");
        var target = FileBlockDevice.Open(path);
        await using (target.ConfigureAwait(false))
        {
            if (_file is FileBlockDevice archive && archive.Identity == target.Identity)
                throw Refused(path, "it is the archive itself. Choose another target.");
            await RestoreAsync(target, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Restores the image over what an open device holds.</summary>
    /// <param name="target">At least as large as the image; what it has beyond that stays. The caller's, open for writing and not used by others.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; the target is unfinished then.</param>
    /// <remarks>
    /// Until all is written and flushed the target's first MiB (or first frame, when that is larger) is blank but for a notice in its
    /// first sector, so a restore that failed, was stopped or died leaves nothing that can be mistaken for the image.
    /// </remarks>
    /// <exception cref="ArchiveException">The target is refused and was not touched; or the restore failed and the target is unfinished.</exception>
    public async Task RestoreAsync(IBlockDevice target, IProgress<ArchiveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (target.IsReadOnly)
            throw Refused(target.Name, "it was opened for reading only. Open it for writing.");
        if (target.Size < Manifest.ImageSize)
        {
            throw new ArchiveException(
                ArchiveError.TargetTooSmall,
                $"{target.Name}: its {target.Size} bytes do not hold the image of {Manifest.ImageSize} bytes. Choose a larger target.");
        }

        try
        {
            await new ImageRestore(_file, _index, target, targetIsBlank: false, progress).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SnapBackupException error)
        {
            throw new ArchiveException(
                ArchiveError.RestoreUnfinished,
                $"{target.Name}: the restore failed, and what it holds now is not the image: {error.Message} Then restore again.",
                error);
        }
    }

    /// <summary>Closes the file.</summary>
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private static ArchiveException Refused(string path, string why) => new(ArchiveError.TargetRefused, $"{path}: {why}");

    private async Task RestoreToNewFileAsync(string path, IProgress<ArchiveProgress>? progress, CancellationToken cancellationToken)
    {
        var target = await NewImageFile.CreateAsync(path, Manifest.ImageSize).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            await new ImageRestore(_file, _index, target.Device, targetIsBlank: true, progress).RunAsync(cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            target.Publish();
        }
    }
}
