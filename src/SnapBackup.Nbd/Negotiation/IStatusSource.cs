using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Negotiation;

/// <summary>Says of what kind the bytes of an export are.</summary>
internal interface IStatusSource
{
    /// <summary>The first run of bytes of one status.</summary>
    /// <param name="offset">Where to start, in bytes.</param>
    /// <param name="length">How far to look; at least one byte, inside the export.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>A run of at most <paramref name="length"/> bytes.</returns>
    ValueTask<StatusExtent> GetAsync(long offset, long length, CancellationToken cancellationToken);
}
