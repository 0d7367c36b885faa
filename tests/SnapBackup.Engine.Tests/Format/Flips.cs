namespace SnapBackup.Engine.Tests.Format;

/// <summary>Turns every bit of a structure round, one at a time.</summary>
internal static class Flips
{
    public static void AssertEachIsFound(byte[] good, Func<byte[], bool> isGood)
    {
        Assert.True(isGood(good));
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            good[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(isGood(good), $"bit {bit % 8} of byte {bit / 8} was turned round and not noticed");
            good[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
