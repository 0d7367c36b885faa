using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>What stands at the front of a device that is or may become a log: its newest superblock and catalog.</summary>
internal sealed class LogFront
{
    /// <summary>File systems, partition tables and image formats all leave a mark in the first mebibyte.</summary>
    private const int Inspected = 1 << 20;

    private LogFront(IBlockDevice device, bool isBlank, LogSuperblock? superblock, Catalog? catalog)
    {
        Device = device;
        IsBlank = isBlank;
        Superblock = superblock;
        Catalog = catalog;
    }

    public IBlockDevice Device { get; }

    /// <summary>Whether there are only zeros.</summary>
    public bool IsBlank { get; }

    /// <summary>The newest superblock, of this or an older version; null when it is no log.</summary>
    public LogSuperblock? Superblock { get; }

    /// <summary>The newest catalog that belongs to the superblock; null when there is none.</summary>
    public Catalog? Catalog { get; }

    /// <summary>Whether it is a log that this program can open.</summary>
    public bool IsLog => Superblock is { IsCurrent: true };

    /// <summary>Whether it was, as far as it knows itself, among the logs of its device: one that was only to be added holds nothing.</summary>
    public bool IsCounted => Catalog is null || Superblock is not { } superblock || superblock.LogNumber < Catalog.LogCount;

    /// <summary>Reads the front. Nothing is changed.</summary>
    /// <exception cref="EngineException"><see cref="EngineError.LogFormatTooNew"/>.</exception>
    /// <exception cref="BlockDeviceException">It cannot be read.</exception>
    public static async Task<LogFront> ReadAsync(IBlockDevice device, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Min(Inspected, device.Size)];
        await device.ReadAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        var superblock = NewestSuperblock(device.Name, bytes);
        var catalog = superblock is { IsCurrent: true } current ? NewestCatalog(bytes, current.SetId) : null;
        return new LogFront(device, !bytes.AsSpan().ContainsAnyExcept((byte)0), superblock, catalog);
    }

    private static LogSuperblock? NewestSuperblock(string name, ReadOnlySpan<byte> bytes)
    {
        LogSuperblock? newest = null;
        for (var slot = 0; slot < LogLayout.SuperblockSlots && bytes.Length > slot * LogLayout.Alignment; slot++)
        {
            if (!LogSuperblock.TryRead(bytes[(slot * LogLayout.Alignment)..], out var superblock))
                continue;
            if (superblock.Version > LogSuperblock.CurrentVersion)
            {
                throw new EngineException(
                    EngineError.LogFormatTooNew,
                    $"{name}: it is a log of format version {superblock.Version}; this program knows versions up to "
                    + $"{LogSuperblock.CurrentVersion}. Use the newer program, or another log.");
            }

            if (newest is null || (superblock.IsCurrent && (!newest.Value.IsCurrent || superblock.Generation > newest.Value.Generation)))
                newest = superblock;
        }

        return newest;
    }

    private static Catalog? NewestCatalog(ReadOnlySpan<byte> bytes, Guid setId)
    {
        Catalog? newest = null;
        for (var slot = 0; slot < LogLayout.CatalogSlots; slot++)
        {
            var at = (int)LogLayout.CatalogOffset + (slot * LogLayout.CatalogSlotSize);
            if (bytes.Length >= at + LogLayout.CatalogSlotSize
                && Catalog.TryRead(bytes.Slice(at, LogLayout.CatalogSlotSize), out var catalog)
                && catalog!.SetId == setId
                && (newest is null || catalog.Generation > newest.Generation))
            {
                newest = catalog;
            }
        }

        return newest;
    }
}
