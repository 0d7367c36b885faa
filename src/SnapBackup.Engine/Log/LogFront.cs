using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>What stands at the front of a device that is or may become a log: its newest superblock and catalog.</summary>
internal sealed class LogFront
{
    private LogFront(IBlockDevice device, LogSuperblock? superblock, Catalog? catalog)
    {
        Device = device;
        Superblock = superblock;
        Catalog = catalog;
    }

    public IBlockDevice Device { get; }

    /// <summary>The newest superblock, of this or an older version; null when it is no log.</summary>
    public LogSuperblock? Superblock { get; }

    /// <summary>The newest catalog that belongs to the superblock; null when there is none, as on a log whose set-up was not finished.</summary>
    public Catalog? Catalog { get; }

    /// <summary>Whether it is a log that this program can open.</summary>
    public bool IsLog => Superblock is { IsCurrent: true };

    /// <summary>Whether a crash came while it was set up or added.</summary>
    public bool IsOfUnfinishedSetUp => Superblock is { IsCurrent: true, IsOfUnfinishedSetUp: true };

    /// <summary>Whether a crash has left it without a catalog because it was volatile.</summary>
    public bool HasLostVolatileCatalog => Catalog is null && Superblock is { IsCurrent: true, IsOfUnfinishedSetUp: false, IsVolatile: true };

    /// <summary>Whether it may keep snapshots or bookmarks: it says so, or cannot say it although it ought to.</summary>
    public bool MayKeepSomething => IsLog && !IsOfUnfinishedSetUp && !HasLostVolatileCatalog && Catalog is not { Points.IsEmpty: true };

    /// <summary>Whether it was, as far as it knows itself, among the logs of its device: one that was only to be added holds nothing.</summary>
    public bool IsCounted => !IsOfUnfinishedSetUp && (Catalog is null || Superblock is not { } superblock || superblock.LogNumber < Catalog.LogCount);

    /// <summary>Reads the front, each slot by itself: one that cannot be read is one that is not there. Nothing is changed.</summary>
    /// <exception cref="EngineException">
    /// <see cref="EngineError.LogFormatTooNew"/>, or <see cref="EngineError.LogFailed"/>: no superblock can be read.
    /// </exception>
    public static async Task<LogFront> ReadAsync(IBlockDevice device, CancellationToken cancellationToken)
    {
        var superblock = await ReadSuperblockAsync(device, cancellationToken).ConfigureAwait(false);
        var catalog = superblock is { IsCurrent: true, IsOfUnfinishedSetUp: false } current
            ? await ReadCatalogAsync(device, current.SetId, cancellationToken).ConfigureAwait(false)
            : null;
        return new LogFront(device, superblock, catalog);
    }

    private static async Task<LogSuperblock?> ReadSuperblockAsync(IBlockDevice device, CancellationToken cancellationToken)
    {
        LogSuperblock? newest = null;
        var unreadable = new List<Exception>();
        for (var slot = 0; slot < LogLayout.SuperblockSlots; slot++)
        {
            var bytes = await TryReadAsync(device, slot * LogLayout.Alignment, LogSuperblock.Size, unreadable, cancellationToken).ConfigureAwait(false);
            if (LogSuperblock.TryRead(bytes, out var superblock))
                newest = Newer(device.Name, newest, superblock);
        }

        return unreadable.Count < LogLayout.SuperblockSlots ? newest : throw new EngineException(
            EngineError.LogFailed,
            $"{device.Name}: none of its superblocks can be read, so nobody knows what is on it: {unreadable[0].Message} If it cannot be mended, the snapshots that need "
            + "it are lost: set the device up anew with another log, and let the content of those that work be discarded.",
            unreadable[0]);
    }

    private static LogSuperblock Newer(string name, LogSuperblock? newest, LogSuperblock other)
    {
        if (other.Version > LogSuperblock.CurrentVersion)
        {
            throw new EngineException(
                EngineError.LogFormatTooNew,
                $"{name}: it is a log of format version {other.Version}; this program knows versions up to "
                + $"{LogSuperblock.CurrentVersion}. Use the newer program, or another log.");
        }

        return newest is not { } known || (other.IsCurrent && (!known.IsCurrent || other.Generation > known.Generation)) ? other : known;
    }

    private static async Task<Catalog?> ReadCatalogAsync(IBlockDevice device, Guid setId, CancellationToken cancellationToken)
    {
        Catalog? newest = null;
        for (var slot = 0; slot < LogLayout.CatalogSlots; slot++)
        {
            var offset = LogLayout.CatalogOffset + (slot * LogLayout.CatalogSlotSize);
            var bytes = await TryReadAsync(device, offset, LogLayout.CatalogSlotSize, [], cancellationToken).ConfigureAwait(false);
            if (Catalog.TryRead(bytes, out var catalog) && catalog!.SetId == setId && (newest is null || catalog.Generation > newest.Generation))
                newest = catalog;
        }

        return newest;
    }

    private static async Task<byte[]> TryReadAsync(
        IBlockDevice device, long offset, int length, List<Exception> unreadable, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Clamp(device.Size - offset, 0, length)];
        try
        {
            await device.ReadAsync(offset, bytes, cancellationToken).ConfigureAwait(false);
            return bytes;
        }
        catch (BlockDeviceException failure)
        {
            unreadable.Add(failure);
            return [];
        }
    }
}
