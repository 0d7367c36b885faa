namespace SnapBackup.Blocks.Tests;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("64KiB", 65_536)]
    [InlineData("20 GiB", 21_474_836_480)]
    [InlineData("1.5T", 1_649_267_441_664)]
    [InlineData(" 3 m ", 3_145_728)]
    public void A_size_is_read_in_powers_of_1024(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var size));
        Assert.Equal(bytes, size.Bytes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("GiB")]
    [InlineData("-1")]
    [InlineData("1 GB")]
    [InlineData("1.3")]
    [InlineData("9999999 PiB")]
    [InlineData("1,5G")]
    [InlineData("79228162514264337593543950335P")]
    public void What_is_not_a_whole_number_of_bytes_is_refused(string? text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1L << 40, "1 TiB")]
    public void A_size_is_shown_in_its_largest_unit(long bytes, string text) => Assert.Equal(text, new ByteSize(bytes).ToString());
}
