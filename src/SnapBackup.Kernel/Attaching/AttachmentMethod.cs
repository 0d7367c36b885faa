namespace SnapBackup.Kernel.Attaching;

/// <summary>How an export becomes a block device.</summary>
public enum AttachmentMethod
{
    /// <summary>nbdfuse makes a file of it, and a loop device stands on that.</summary>
    FuseAndLoop,

    /// <summary>The kernel's nbd module is the client.</summary>
    NbdModule,
}
