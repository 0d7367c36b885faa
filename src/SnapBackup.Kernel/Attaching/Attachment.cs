using SnapBackup.Blocks;
using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Attaching;

/// <summary>
/// An NBD export as a block device of this machine. Disposing it unmounts what is mounted from it, also while it is in use, and detaches it.
/// </summary>
/// <remarks>It is registered before it is made, so that <see cref="CleanUpAsync"/> undoes it when its process has died.</remarks>
public sealed class Attachment : IAsyncDisposable
{
    private readonly AttachmentRegistry _registry;
    private readonly IKernelClient _client;
    private AttachmentRecord _record;
    private int _isDisposed;

    private Attachment(AttachmentRegistry registry, IKernelClient client, AttachmentRecord record)
    {
        _registry = registry;
        _client = client;
        _record = record;
    }

    /// <summary>What is attached.</summary>
    public ExportAddress Export => _record.Export;

    /// <summary>The path of the block device, such as <c>/dev/loop0</c>.</summary>
    public string BlockDevice => _record.BlockDevice!;

    /// <summary>Where it, its partitions and what was made of them are mounted.</summary>
    public IReadOnlyList<string> MountPoints => [.. Mounts.Select(mount => mount.Path)];

    /// <summary>The mounts themselves.</summary>
    internal IReadOnlyList<MountEntry> Mounts => AttachmentRemoval.FindDevice(_record) is { } device ? MountTable.Read().On(device) : [];

    /// <summary>The block device as sysfs knows it.</summary>
    internal BlockNode Node => new(Path.GetFileName(BlockDevice));

    /// <summary>Attaches an export: with nbd-client where the kernel has the module nbd, else with nbdfuse and a loop device.</summary>
    /// <param name="registry">Where it is registered.</param>
    /// <param name="export">The export; served by this process, for attachments of a process that is gone are undone.</param>
    /// <param name="cancellationToken">Gives up; nothing is left then.</param>
    /// <returns>The attachment; the caller disposes it.</returns>
    /// <exception cref="KernelException">It cannot be attached; nothing is left then.</exception>
    public static async Task<Attachment> AttachAsync(AttachmentRegistry registry, ExportAddress export, CancellationToken cancellationToken = default)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new KernelException(KernelError.NotPermitted, $"{export.Name}: only root may attach block devices and mount them. Run as root, or use {export.Uri} with an NBD client.");
        var hasModule = await NbdModuleClient.IsAvailableAsync(cancellationToken).ConfigureAwait(false);
        IKernelClient client = hasModule ? new NbdModuleClient() : new FuseLoopClient();
        var id = Guid.NewGuid();
        var record = client.Plan(new AttachmentRecord
        {
            Id = id,
            Owner = ProcessIdentity.Current,
            Export = export,
            Method = hasModule ? AttachmentMethod.NbdModule : AttachmentMethod.FuseAndLoop,
            FuseFolder = hasModule ? null : registry.FuseFolderOf(id),
        });
        var attachment = new Attachment(registry, client, record);
        try
        {
            registry.Write(record);
            attachment._record = await client.ConnectAsync(record, registry, cancellationToken).ConfigureAwait(false);
            return attachment;
        }
        catch
        {
            await attachment.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Undoes what processes have left that are gone.</summary>
    /// <param name="registry">Where it is registered.</param>
    /// <returns>Why something could not be undone; it is tried again the next time. Mostly nothing.</returns>
    public static async Task<IReadOnlyList<KernelException>> CleanUpAsync(AttachmentRegistry registry)
    {
        var failures = new List<KernelException>();
        IReadOnlyList<AttachmentRecord> left;
        try
        {
            left = registry.ReadLeft();
        }
        catch (KernelException failure)
        {
            return [failure];
        }

        foreach (var record in left)
        {
            try
            {
                await AttachmentRemoval.RemoveAsync(registry, record).ConfigureAwait(false);
            }
            catch (KernelException failure)
            {
                failures.Add(failure);
            }
        }

        return failures;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        try
        {
            await AttachmentRemoval.RemoveAsync(_registry, _record).ConfigureAwait(false);
        }
        finally
        {
            _client.Dispose();
        }
    }

    /// <summary>Makes a folder to mount on, which goes with the attachment.</summary>
    internal void MakeMountPoint(string path)
    {
        _record = _record with { MadeMountPoint = path };
        _registry.Write(_record);
        Directory.CreateDirectory(path);
    }
}
