using SnapBackup.Blocks;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Negotiation;

/// <summary>What the negotiation came to: an open device, owned by who holds this, and how to speak of it.</summary>
/// <param name="Device">The device.</param>
/// <param name="Flags">What it can do.</param>
/// <param name="Form">How requests and replies look.</param>
/// <param name="Contexts">Of what BLOCK_STATUS tells.</param>
internal sealed record NegotiatedExport(
    IBlockDevice Device, TransmissionFlags Flags, ReplyForm Form, IReadOnlyList<StatusContext> Contexts)
{
    /// <summary>The smallest block the page cache deals in.</summary>
    private const int PageSize = 4096;

    public ExportInfo Info => new(Device.Size, Flags);

    public BlockSizeInfo BlockSize => new(1, (uint)Math.Max(PageSize, Device.SectorSize), NbdLimits.MaxPayload);

    public static NegotiatedExport Of(IBlockDevice device, ReplyForm form, IReadOnlyList<StatusContext> contexts)
    {
        var flags = TransmissionFlags.HasFlags | TransmissionFlags.SendFlush | TransmissionFlags.SendForceUnitAccess | TransmissionFlags.SendCache;
        if (!device.IsPrivate)
            flags |= TransmissionFlags.CanMultiConnection;
        flags |= device.IsReadOnly
            ? TransmissionFlags.ReadOnly
            : TransmissionFlags.SendTrim | TransmissionFlags.SendWriteZeroes | TransmissionFlags.SendFastZero;
        if (form != ReplyForm.Simple)
            flags |= TransmissionFlags.SendDontFragment;
        return new NegotiatedExport(device, flags, form, contexts);
    }
}
