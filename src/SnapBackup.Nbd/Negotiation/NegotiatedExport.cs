using SnapBackup.Blocks;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Negotiation;

/// <summary>What the negotiation came to: an open device, owned by who holds this, and how to speak of it.</summary>
internal sealed record NegotiatedExport(IBlockDevice Device, TransmissionFlags Flags, bool StructuredReplies)
{
    /// <summary>The smallest block the page cache deals in.</summary>
    private const int PageSize = 4096;

    public ExportInfo Info => new(Device.Size, Flags);

    public BlockSizeInfo BlockSize => new(1, (uint)Math.Max(PageSize, Device.SectorSize), NbdLimits.MaxPayload);

    public static NegotiatedExport Of(IBlockDevice device, bool structuredReplies)
    {
        var flags = TransmissionFlags.HasFlags | TransmissionFlags.SendFlush | TransmissionFlags.SendForceUnitAccess;
        if (!device.IsPrivate)
            flags |= TransmissionFlags.CanMultiConnection;
        flags |= device.IsReadOnly ? TransmissionFlags.ReadOnly : TransmissionFlags.SendTrim | TransmissionFlags.SendWriteZeroes;
        if (structuredReplies)
            flags |= TransmissionFlags.SendDontFragment;
        return new NegotiatedExport(device, flags, structuredReplies);
    }
}
