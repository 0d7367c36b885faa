namespace SnapBackup.Kernel.Attaching;

/// <summary>A way to make a block device of an export.</summary>
internal interface IKernelClient : IDisposable
{
    /// <summary>Says beforehand what it will make, as far as that can be known.</summary>
    /// <exception cref="KernelException">What it needs is not there.</exception>
    AttachmentRecord Plan(AttachmentRecord record);

    /// <summary>Makes it, registering each thing that could not be foreseen as soon as it is known.</summary>
    /// <param name="record">What was planned, and is registered.</param>
    /// <param name="registry">Where.</param>
    /// <param name="cancellationToken">Gives up. What is there by then is left, for <see cref="AttachmentRemoval"/>.</param>
    /// <returns>The record with the block device.</returns>
    /// <exception cref="KernelException">It failed. What is there by then is left, for <see cref="AttachmentRemoval"/>.</exception>
    Task<AttachmentRecord> ConnectAsync(AttachmentRecord record, AttachmentRegistry registry, CancellationToken cancellationToken);
}
