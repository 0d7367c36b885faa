using System.Buffers.Binary;
using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Format;

/// <summary>A catalog in its slot: the header and its points.</summary>
public sealed class CatalogTests
{
    private const int PointCountAt = 48;
    private const int FlagsAt = 52;
    private static readonly Guid Nightly = new("01234567-89ab-cdef-0123-456789abcdef");
    private static readonly Guid Group = new("fedcba98-7654-3210-fedc-ba9876543210");

    private static readonly Catalog Filled = new()
    {
        SetId = Example.SetId,
        Generation = 258,
        Epoch = 9,
        ChangesFrom = 31,
        LogCount = 11,
        IsVolatile = true,
        IsAttached = true,
        RollbackTarget = Nightly,
        Stamp = new DeviceStamp(1, 2, 3, 4),
        VersionsTail = new SegmentTail(257, 9, 61_440),
        ChangesTail = new SegmentTail(255, 7, 12_288),
        LastUsed = new SegmentLink(12, 257, 9, 61_440),
        LastAdded = Group,
        FailedLogs = [0, 9, 511],
        Points =
        [
            new CatalogPoint
            {
                Id = Nightly,
                Name = "nightly",
                Epoch = 8,
                StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(0x0123_4567_89AB),
                Kind = PointKind.Snapshot,
                BreakReason = BreakReason.LogFull,
                IsUnconfirmed = true,
                Group = Group,
                NextInGroup = Example.SetId,
            },
            new CatalogPoint { Id = Group, Name = new string('b', 63), Epoch = 9, StartedAt = DateTimeOffset.UnixEpoch, Kind = PointKind.Bookmark, ChangesLost = true },
        ],
    };

    [Fact]
    public void Its_header_has_these_bytes()
    {
        var bytes = Filled.ToBytes();
        Assert.Equal(
            "534E41504341540A" + "33221100554477668899AABBCCDDEEFF" + "0201000000000000" + "0900000000000000" + "1F00000000000000"
            + "0200" + "0B00" + "03000000" + "67452301AB89EFCD0123456789ABCDEF"
            + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0400000000000000",
            Convert.ToHexString(bytes[..104]));
        Assert.Equal("0102" + new string('0', 122) + "80", Convert.ToHexString(bytes[104..168]));
        Assert.Equal(
            "0101000000000000" + "0900000000000000" + "00F0000000000000" + "FF00000000000000" + "0700000000000000" + "0030000000000000"
            + "0C00000000000000" + "0101000000000000" + "0900000000000000" + "00F0000000000000",
            Convert.ToHexString(bytes[168..248]));
        Assert.Equal("98BADCFE54761032FEDCBA9876543210", Convert.ToHexString(bytes[248..264]));
        Assert.False(bytes.AsSpan(264..504).ContainsAnyExcept((byte)0));
        Assert.Equal("509BFC77B2116242", Convert.ToHexString(bytes[504..512]));
    }

    [Fact]
    public void Its_points_have_these_bytes_and_zeros_follow_to_the_end_of_the_page()
    {
        var bytes = Filled.ToBytes();
        Assert.Equal(
            "67452301AB89EFCD0123456789ABCDEF" + "0800000000000000" + "01" + "01" + "02" + "07" + "6E696768746C79" + new string('0', 2 * 57)
            + "00000000" + "AB89674523010000" + "98BADCFE54761032FEDCBA9876543210" + "33221100554477668899AABBCCDDEEFF",
            Convert.ToHexString(bytes[512..648]));
        Assert.Equal(
            "98BADCFE54761032FEDCBA9876543210" + "0900000000000000" + "02" + "00" + "01" + "3F" + string.Concat(Enumerable.Repeat("62", 63)) + "00"
            + "00000000" + "0000000000000000" + "00000000000000000000000000000000" + "00000000000000000000000000000000",
            Convert.ToHexString(bytes[648..784]));
        Assert.Equal(4096, bytes.Length);
        Assert.False(bytes.AsSpan(784..).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void What_was_written_is_read()
    {
        var read = Read(Filled.ToBytes())!;
        Assert.Equal(Filled.Points, read.Points);
        Assert.Equal(Filled.FailedLogs, read.FailedLogs);
        Assert.Equal(Filled, read with { Points = Filled.Points, FailedLogs = Filled.FailedLogs });
    }

    [Fact]
    public void A_start_time_that_cannot_be_costs_nothing_but_itself()
    {
        var before1970 = Filled with { Points = [Filled.Points[0] with { StartedAt = DateTimeOffset.MinValue }] };
        Assert.Equal(DateTimeOffset.UnixEpoch, Assert.Single(Read(before1970.ToBytes())!.Points).StartedAt);
    }

    [Fact]
    public void One_that_keeps_nothing_is_its_header_alone()
    {
        var empty = new Catalog { SetId = Example.SetId, LogCount = 1 };
        var bytes = empty.ToBytes();
        Assert.False(bytes.AsSpan(512..).ContainsAnyExcept((byte)0));
        Assert.Equal(empty.Points, Read(bytes[..512])!.Points);
    }

    [Fact]
    public void As_many_points_as_there_may_be_fill_a_slot()
    {
        var full = Filled with
        {
            Points = [.. Enumerable.Range(0, CatalogHeader.MostPoints).Select(i => Filled.Points[0] with { Name = $"s{i}", Epoch = i })],
        };
        var bytes = full.ToBytes();
        Assert.Equal(LogLayout.CatalogSlotSize, bytes.Length);
        Assert.Equal(full.Points, Read(bytes)!.Points);
    }

    [Fact]
    public void Headers_and_points_do_not_share_a_sector()
    {
        Assert.Equal(512, CatalogHeader.Size);
        Assert.Equal(136, CatalogPoint.Size);
    }

    [Fact]
    public void Every_flipped_bit_of_header_and_points_is_found() => Flips.AssertEachIsFound(Filled.ToBytes()[..784], bytes => Read(bytes) is not null);

    [Fact]
    public void One_byte_short_is_none()
    {
        Assert.Null(Read(Filled.ToBytes()[..783]));
        Assert.Null(Read(Filled.ToBytes()[..511]));
        Assert.False(CatalogPoint.TryRead(Filled.ToBytes().AsSpan(512, 135), out _));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(CatalogHeader.MostPoints + 1)]
    [InlineData(ushort.MaxValue)]
    public void More_points_than_there_are_bytes_are_refused(ushort count)
    {
        var bytes = Filled.ToBytes()[..784];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(PointCountAt), count);
        Checksum.Seal(bytes, 504);
        Assert.Null(Read(bytes));
    }

    [Theory]
    [InlineData(24, 0)] // a kind that is not known
    [InlineData(24, 3)]
    [InlineData(27, 65)] // a name longer than its room
    public void A_point_that_cannot_be_makes_the_catalog_unreadable_though_sealed(int at, byte value)
    {
        var bytes = Filled.ToBytes()[..784];
        bytes[512 + at] = value;
        Checksum.Seal(bytes, 504);
        Assert.Null(Read(bytes));
    }

    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 2)]
    public void Each_flag_has_its_bit(bool isVolatile, bool isAttached, int flags) =>
        Assert.Equal(flags, (Filled with { IsVolatile = isVolatile, IsAttached = isAttached }).ToBytes()[FlagsAt]);

    private static Catalog? Read(byte[] bytes) => Catalog.TryRead(bytes, out var catalog) ? catalog : null;
}
