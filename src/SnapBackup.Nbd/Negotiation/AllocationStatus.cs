using SnapBackup.Blocks;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Negotiation;

/// <summary><c>base:allocation</c>: tells the holes of a device, which read as zeros, from data.</summary>
internal sealed class AllocationStatus(IBlockDevice device) : IStatusSource
{
    /// <summary>No space is taken (NBD_STATE_HOLE).</summary>
    private const uint Hole = 1;

    /// <summary>It reads as zeros (NBD_STATE_ZERO).</summary>
    private const uint Zero = 2;

    public async ValueTask<StatusExtent> GetAsync(long offset, long length, CancellationToken cancellationToken)
    {
        var extent = await device.GetExtentAsync(offset, length, cancellationToken).ConfigureAwait(false);
        return new StatusExtent(extent.Length, extent.Kind == ExtentKind.Hole ? Hole | Zero : 0);
    }
}
