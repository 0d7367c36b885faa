using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Opening;

/// <summary>Makes a device a log, after it has refused what must not become one.</summary>
internal static class LogFormatting
{
    /// <summary>File systems, partition tables and image formats all leave a mark in the first mebibyte.</summary>
    private const int Inspected = 1 << 20;

    private const long LargestLog = 1L << 49;

    /// <summary>Whether one of some devices is a log that may keep snapshots or bookmarks.</summary>
    public static async Task<bool> AnyKeepsSomethingAsync(IEnumerable<LogDevice> logs, CancellationToken cancellationToken)
    {
        foreach (var log in logs)
        {
            var front = await LogFront.ReadAsync(log.Device, cancellationToken).ConfigureAwait(false);
            if (front.MayKeepSomething)
                return true;
        }

        return false;
    }

    /// <summary>Accepts a blank device and a log of ours that keeps nothing. Nothing is changed.</summary>
    /// <param name="log">What is to become a log.</param>
    /// <param name="blockSize">The unit of preservation in bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What stands on it.</returns>
    /// <exception cref="EngineException">The device is too small or read-only, cannot grow, holds foreign data, snapshots or a newer log.</exception>
    public static async Task<LogFront> InspectAsync(LogDevice log, int blockSize, CancellationToken cancellationToken)
    {
        var device = log.Device;
        RefuseUnusable(device, blockSize);
        RefuseLimit(log);
        var front = await LogFront.ReadAsync(device, cancellationToken).ConfigureAwait(false);
        if (log.MayDiscard)
            return front;
        if (front.Superblock is null && !await IsBlankAsync(device, cancellationToken).ConfigureAwait(false))
        {
            throw new EngineException(
                EngineError.LogHoldsForeignData,
                $"{device.Name}: it holds data that is not a SnapBackup log. Name another file or device, or say that its content may be discarded.");
        }

        if (front is { MayKeepSomething: true, Catalog: null })
        {
            throw new EngineException(
                EngineError.LogCorrupt,
                $"{device.Name}: it is a SnapBackup log whose catalog cannot be read, so it may keep snapshots. Name another log, or say that its content may be discarded.");
        }

        if (front.Catalog is { Points: [var first, ..] } catalog)
        {
            throw new EngineException(
                EngineError.LogHoldsSnapshots,
                $"{device.Name}: it is the log of a device that keeps {catalog.Points.Length} snapshot(s) or bookmark(s), '{first.Name}' among them. Open that "
                + "device again, name another log, or say that its content may be discarded.");
        }

        return front;
    }

    /// <summary>Refuses a log that is to grow and cannot.</summary>
    /// <exception cref="EngineException"><see cref="EngineError.LogCannotGrow"/>.</exception>
    public static void ThrowIfCannotGrow(LogDevice log)
    {
        if (log.GrowTo is null)
            return;
        if (log.Device is (not IGrowableDevice) or FileBlockDevice { Identity.IsBlockDevice: true })
            throw new EngineException(EngineError.LogCannotGrow, $"{log.Name}: only a file can grow. Leave the size out that it may grow to, or name a file.");
        if (log.GrowTo > LargestLog)
        {
            throw new EngineException(
                EngineError.LogCannotGrow, $"{log.Name}: it cannot grow to {new ByteSize(log.GrowTo.Value)}; {new ByteSize(LargestLog)} are supported. Give a lower limit.");
        }
    }

    /// <summary>Writes a fresh log of no segments in use onto an inspected device, which it takes over on success.</summary>
    /// <remarks>
    /// Order: superblocks that say that it is being set up; the catalogs; superblocks that say that it is. So after a crash it is what it was, or
    /// known to hold nothing, or complete: a log without a catalog has lost it.
    /// </remarks>
    public static async Task<LogVolume> FormatAsync(LogDevice log, LogSetShape shape, int number, Catalog catalog)
    {
        var device = log.Device;
        var segmentSize = LogLayout.SegmentSize(device.Size, shape.BlockSize);
        var superblock = new LogSuperblock
        {
            Version = LogSuperblock.CurrentVersion,
            BlockSize = shape.BlockSize,
            SetId = shape.SetId,
            LogNumber = (ushort)number,
            SegmentSize = segmentSize,
            SegmentCount = (device.Size - LogLayout.SegmentsOffset) / segmentSize,
            SourceSize = shape.SourceSize,
            Generation = 1,
            ChangeGranularity = shape.ChangeGranularity,
            IsVolatile = shape.IsVolatile,
        };

        // The whole front is written, so that nothing of what was there is taken for a part of the new log.
        var slots = new byte[LogLayout.CatalogSlots * LogLayout.CatalogSlotSize];
        for (var slot = 0; slot < LogLayout.CatalogSlots; slot++)
            catalog.ToBytes().CopyTo(slots.AsSpan(slot * LogLayout.CatalogSlotSize));
        await WriteSuperblocksAsync(device, superblock with { Generation = 0 }).ConfigureAwait(false);
        await device.WriteAsync(LogLayout.CatalogOffset, slots, WriteOptions.ForceUnitAccess).ConfigureAwait(false);
        await WriteSuperblocksAsync(device, superblock).ConfigureAwait(false);
        return new LogVolume(log, superblock, shape.IsVolatile);
    }

    private static ValueTask WriteSuperblocksAsync(IBlockDevice device, LogSuperblock superblock)
    {
        var slots = new byte[LogLayout.CatalogOffset];
        for (var slot = 0; slot < LogLayout.SuperblockSlots; slot++)
            superblock.Write(slots.AsSpan(slot * LogLayout.Alignment));
        return device.WriteAsync(0, slots, WriteOptions.ForceUnitAccess);
    }

    private static void RefuseLimit(LogDevice log)
    {
        ThrowIfCannotGrow(log);
        if (log.GrowTo < log.Device.Size)
        {
            throw new EngineException(
                EngineError.LogCannotGrow,
                $"{log.Name}: it has {new ByteSize(log.Device.Size)} already and was to grow to {new ByteSize(log.GrowTo.Value)}. Give a higher limit, or none.");
        }
    }

    public static async Task<bool> IsBlankAsync(IBlockDevice device, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Min(Inspected, device.Size)];
        await device.ReadAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        return !bytes.AsSpan().ContainsAnyExcept((byte)0);
    }

    private static void RefuseUnusable(IBlockDevice device, int blockSize)
    {
        var smallest = LogLayout.SmallestLog(blockSize);
        if (device.IsReadOnly)
            throw new EngineException(EngineError.LogReadOnly, $"{device.Name}: a log must be writable. Open it for writing or name another.");
        if (device.Size > LargestLog)
            throw new EngineException(EngineError.TooLarge, $"{device.Name}: its {new ByteSize(device.Size)} are more than the {new ByteSize(LargestLog)} that are supported.");
        if (device.Size < smallest)
        {
            throw new EngineException(
                EngineError.LogTooSmall,
                $"{device.Name}: a log for blocks of {new ByteSize(blockSize)} needs {new ByteSize(smallest)} for its own bookkeeping "
                + $"and about as much again; this one has {new ByteSize(device.Size)}. Give it more.");
        }
    }
}
