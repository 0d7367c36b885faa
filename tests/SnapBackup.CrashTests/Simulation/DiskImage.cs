namespace SnapBackup.CrashTests.Simulation;

/// <summary>
/// What a disk holds, sector by sector. A sector's content is never changed, only replaced, so that images, and
/// the sectors that are still on their way to a medium, share what is equal.
/// </summary>
internal sealed class DiskImage
{
    /// <summary>What a disk writes wholly or not at all, in bytes.</summary>
    public const int SectorSize = 512;

    private static readonly byte[] Zeros = new byte[SectorSize];

    private byte[][] _sectors;

    private DiskImage(byte[][] sectors) => _sectors = sectors;

    public int SectorCount => _sectors.Length;

    public long Size => (long)_sectors.Length * SectorSize;

    /// <summary>The content of a sector. Nobody changes the array.</summary>
    public byte[] this[int sector]
    {
        get => _sectors[sector];
        set => _sectors[sector] = value;
    }

    /// <summary>A disk of zeros.</summary>
    /// <param name="size">In bytes, a multiple of the sector size.</param>
    public static DiskImage Blank(long size)
    {
        var sectors = new byte[size / SectorSize][];
        Array.Fill(sectors, Zeros);
        return new DiskImage(sectors);
    }

    public static DiskImage Of(ReadOnlySpan<byte> content)
    {
        var image = Blank(content.Length);
        image.Write(0, content);
        return image;
    }

    public DiskImage Copy() => new([.. _sectors]);

    /// <summary>Makes it larger; the new sectors are zeros.</summary>
    /// <param name="size">In bytes, a multiple of the sector size.</param>
    public void Grow(long size)
    {
        var grown = new byte[size / SectorSize][];
        _sectors.CopyTo(grown, 0);
        Array.Fill(grown, Zeros, _sectors.Length, grown.Length - _sectors.Length);
        _sectors = grown;
    }

    public void Read(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var inside = (int)(offset % SectorSize);
            var step = Math.Min(SectorSize - inside, buffer.Length);
            _sectors[offset / SectorSize].AsSpan(inside, step).CopyTo(buffer);
            buffer = buffer[step..];
            offset += step;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var inside = (int)(offset % SectorSize);
            var step = Math.Min(SectorSize - inside, data.Length);
            _sectors[offset / SectorSize] = Overlaid(_sectors[offset / SectorSize], inside, data[..step]);
            data = data[step..];
            offset += step;
        }
    }

    /// <summary>Whether a range holds nothing but zeros.</summary>
    public bool IsZero(int firstSector, int count)
    {
        for (var sector = firstSector; sector < firstSector + count; sector++)
        {
            if (!ReferenceEquals(_sectors[sector], Zeros) && _sectors[sector].AsSpan().ContainsAnyExcept((byte)0))
                return false;
        }

        return true;
    }

    public bool SectorEquals(int sector, byte[] content) =>
        ReferenceEquals(_sectors[sector], content) || _sectors[sector].AsSpan().SequenceEqual(content);

    private static byte[] Overlaid(byte[] old, int inside, ReadOnlySpan<byte> data)
    {
        if (!data.ContainsAnyExcept((byte)0) && data.Length == SectorSize)
            return Zeros;
        var content = old.ToArray();
        data.CopyTo(content.AsSpan(inside));
        return content;
    }
}
