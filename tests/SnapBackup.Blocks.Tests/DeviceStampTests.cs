namespace SnapBackup.Blocks.Tests;

public sealed class DeviceStampTests
{
    private static readonly DeviceStamp Stamp = new(0x1122334455667788, 2, 3, 4);

    [Fact]
    public void Its_bytes_are_fixed()
    {
        byte[] expected =
        [
            0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
            2, 0, 0, 0, 0, 0, 0, 0,
            3, 0, 0, 0, 0, 0, 0, 0,
            4, 0, 0, 0, 0, 0, 0, 0,
        ];
        var bytes = new byte[DeviceStamp.Size];
        Stamp.Write(bytes);
        Assert.Equal(expected, bytes);
        Assert.True(DeviceStamp.TryRead(bytes, out var read));
        Assert.Equal(Stamp, read);
    }

    [Fact]
    public void One_byte_short_is_no_stamp()
    {
        Assert.False(DeviceStamp.TryRead(new byte[DeviceStamp.Size - 1], out var read));
        Assert.False(read.IsKnown);
        Assert.Throws<ArgumentOutOfRangeException>(() => Stamp.Write(new byte[DeviceStamp.Size - 1]));
    }

    [Fact]
    public void The_same_stamp_again_says_that_nothing_was_written() => Assert.False(Stamp.MayHaveBeenWrittenSince(Stamp));

    [Fact]
    public void What_is_not_known_may_have_been_written()
    {
        Assert.True(Stamp.MayHaveBeenWrittenSince(default));
        Assert.True(default(DeviceStamp).MayHaveBeenWrittenSince(Stamp));
        Assert.True(default(DeviceStamp).MayHaveBeenWrittenSince(default));
    }

    [Fact]
    public void Other_content_may_have_been_written() => Assert.True((Stamp with { Content = 9 }).MayHaveBeenWrittenSince(Stamp));

    [Fact]
    public void Identities_count_when_both_are_known()
    {
        Assert.True((Stamp with { Identity = 9 }).MayHaveBeenWrittenSince(Stamp));
        Assert.False((Stamp with { Identity = 0 }).MayHaveBeenWrittenSince(Stamp));
        Assert.False(Stamp.MayHaveBeenWrittenSince(Stamp with { Identity = 0 }));
    }

    [Fact]
    public void Counters_count_within_a_session()
    {
        Assert.True((Stamp with { Counter = 9 }).MayHaveBeenWrittenSince(Stamp));
        Assert.False((Stamp with { Counter = 9, Session = 9 }).MayHaveBeenWrittenSince(Stamp));
    }
}
