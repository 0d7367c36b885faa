using SnapBackup.Kernel.Attaching;
using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Mounting;

/// <summary>
/// A file system that was mounted from an attachment of its own, which is a copy of one that may be mounted too. Disposing it unmounts and
/// detaches, also while it is in use.
/// </summary>
public sealed class MountedFileSystem : IAsyncDisposable
{
    private readonly Attachment _attachment;

    private MountedFileSystem(Attachment attachment, string path, string device, string fileSystem, bool isWritable)
    {
        _attachment = attachment;
        Path = path;
        BlockDevice = device;
        FileSystem = fileSystem;
        IsWritable = isWritable;
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>The block device, or the partition of it, that holds it.</summary>
    public string BlockDevice { get; }

    /// <summary>Its kind, such as <c>ext4</c>.</summary>
    public string FileSystem { get; }

    /// <summary>Whether it may be written.</summary>
    public bool IsWritable { get; }

    /// <summary>Attaches a private, writable export and mounts what it holds beside what it was copied from.</summary>
    /// <param name="registry">Where the attachment is registered.</param>
    /// <param name="export">The export; nobody else sees what is written to it.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up; nothing is left then.</param>
    /// <returns>The mounted file system; the caller disposes it.</returns>
    /// <exception cref="KernelException">It cannot be attached or mounted; nothing is left then.</exception>
    public static async Task<MountedFileSystem> MountAsync(
        AttachmentRegistry registry, ExportAddress export, MountOptions options, CancellationToken cancellationToken = default)
    {
        var path = options.Path;
        options.ThrowIfPathInUse();
        var attachment = await Attachment.AttachAsync(registry, export, cancellationToken).ConfigureAwait(false);
        try
        {
            var (device, fileSystem) = await SelectAsync(attachment, options.Partition, cancellationToken).ConfigureAwait(false);
            if (!Directory.Exists(path))
                attachment.MakeMountPoint(path);
            await new TwinMount(fileSystem, device).MountAsync(path, options.IsWritable, cancellationToken).ConfigureAwait(false);
            return new MountedFileSystem(attachment, path, device, fileSystem, options.IsWritable);
        }
        catch
        {
            await attachment.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _attachment.DisposeAsync();

    /// <summary>Finds the block device that holds the file system that is meant.</summary>
    private static async Task<(string Device, string FileSystem)> SelectAsync(Attachment attachment, int? partition, CancellationToken cancellationToken)
    {
        var whole = attachment.Node;
        var probe = await FileSystemProbe.OfAsync(whole.Path, cancellationToken).ConfigureAwait(false);
        if (probe.PartitionTable is not null && !whole.PartitionNumbers.Any())
        {
            // The kernel knows few kinds of tables, or none.
            await SystemTool.Get("partx", "util-linux").RunAsync(cancellationToken, "--add", whole.Path).ConfigureAwait(false);
        }

        var selected = whole;
        if (partition is { } number)
        {
            selected = whole.Partition(number);
            if (selected.Number is null)
                throw new KernelException(KernelError.PartitionNotFound, $"{attachment.Export.Name}: it has no partition {number}. {Partitions(whole)}");
            probe = await FileSystemProbe.OfAsync(selected.Path, cancellationToken).ConfigureAwait(false);
        }

        if (probe.FileSystem is { } fileSystem)
            return (selected.Path, fileSystem);
        throw probe.PartitionTable is null
            ? new KernelException(KernelError.NoFileSystem, $"{attachment.Export.Name}: no file system that is known was found. Look at it with another tool, over {attachment.Export.Uri}.")
            : new KernelException(KernelError.PartitionNotNamed, $"{attachment.Export.Name}: it holds partitions. {Partitions(whole)}");
    }

    private static string Partitions(BlockNode whole)
    {
        var there = whole.PartitionNumbers.ToList();
        return there.Count == 0 ? "It has none." : $"Name one of {string.Join(", ", there)}.";
    }
}
