using SnapBackup.Blocks;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>Looks at what a device holds before it becomes a log, so that nobody's data is overwritten by a slip of the hand.</summary>
internal static class LogContent
{
    /// <summary>File systems, partition tables and image formats all leave a mark in the first mebibyte.</summary>
    private const int Inspected = 1 << 20;

    /// <summary>Accepts a blank device and an old log of ours.</summary>
    /// <returns>The generation of the newest superblock there; 0 when the next one is to be the first.</returns>
    /// <exception cref="EngineException">It holds something else (unless that may be discarded) or a newer log.</exception>
    public static async Task<ulong> InspectAsync(IBlockDevice device, bool discardContent, CancellationToken cancellationToken)
    {
        var start = new byte[Math.Min(Inspected, device.Size)];
        await device.ReadAsync(0, start, cancellationToken).ConfigureAwait(false);
        var generation = NewestGeneration(device.Name, start);
        if (generation is null && !discardContent && start.AsSpan().ContainsAnyExcept((byte)0))
        {
            throw new EngineException(
                EngineError.LogHoldsForeignData,
                $"{device.Name}: it holds data that is not a SnapBackup log. Name another file or device, or say that its content may be discarded.");
        }

        // Counting on from the last number there is would end at 0; the other slot is wiped with every format.
        return generation is null or ulong.MaxValue ? 0 : generation.Value;
    }

    private static ulong? NewestGeneration(string name, ReadOnlySpan<byte> start)
    {
        ulong? newest = null;
        for (var slot = 0; slot < LogLayout.SuperblockSlots; slot++)
        {
            if (!LogSuperblock.TryRead(start[(slot * LogSuperblock.Size)..], out var superblock))
                continue;
            if (superblock.Version > LogSuperblock.CurrentVersion)
            {
                throw new EngineException(
                    EngineError.LogFormatTooNew,
                    $"{name}: it is a log of format version {superblock.Version}; this program knows versions up to "
                    + $"{LogSuperblock.CurrentVersion}. Use the newer program, or another log.");
            }

            newest = Math.Max(newest ?? 0, superblock.Generation);
        }

        return newest;
    }
}
