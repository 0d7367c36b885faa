using SnapBackup.Archive.Format;

namespace SnapBackup.Archive.Tests;

/// <summary>The bytes of each structure, as FORMAT.md gives them. They never change.</summary>
public sealed class FormatTests
{
    [Fact]
    public void The_header_of_a_skippable_frame_has_its_bytes()
    {
        var bytes = new byte[SkippableFrameHeader.Size];
        new SkippableFrameHeader(SkippableFrameHeader.SeekTableMagic, 0x01020304).Write(bytes);

        Assert.Equal("5E2A4D1804030201", Convert.ToHexString(bytes));
        Assert.Equal(new SkippableFrameHeader(SkippableFrameHeader.SeekTableMagic, 0x01020304), SkippableFrameHeader.Read(bytes));
    }

    [Fact]
    public void A_seek_table_entry_has_its_bytes()
    {
        var bytes = new byte[SeekTableEntry.Size];
        new SeekTableEntry(0x0A0B0C0D, 0x00100000).Write(bytes);

        Assert.Equal("0D0C0B0A00001000", Convert.ToHexString(bytes));
        Assert.Equal(new SeekTableEntry(0x0A0B0C0D, 0x00100000), SeekTableEntry.Read(bytes));
    }

    [Fact]
    public void The_footer_has_its_bytes()
    {
        var bytes = new byte[SeekTableFooter.Size];
        new SeekTableFooter(0x0102, 0).Write(bytes);

        Assert.Equal("0201000000B1EA928F", Convert.ToHexString(bytes));
        Assert.True(SeekTableFooter.TryRead(bytes, out var footer));
        Assert.Equal(new SeekTableFooter(0x0102, 0), footer);
        bytes[8] ^= 1;
        Assert.False(SeekTableFooter.TryRead(bytes, out _));
    }

    [Fact]
    public void The_manifests_header_has_its_bytes()
    {
        var bytes = new byte[ManifestHeader.Size];
        new ManifestHeader(FrameDigest.Of("{}"u8)).Write(bytes);

        Assert.Equal("534E41504D455441" + FrameDigest.ToText(FrameDigest.Of("{}"u8)).ToUpperInvariant(), Convert.ToHexString(bytes));
        Assert.True(ManifestHeader.TryRead(bytes, out var header));
        Assert.Equal(new ManifestHeader(FrameDigest.Of("{}"u8)), header);
        bytes[0] ^= 1;
        Assert.False(ManifestHeader.TryRead(bytes, out _));
    }

    [Fact]
    public void The_digest_is_the_XXH128_of_the_xxHash_specification() =>
        Assert.Equal("99aa06d3014798d86001c324468d497f", FrameDigest.ToText(FrameDigest.Of([])));
}
