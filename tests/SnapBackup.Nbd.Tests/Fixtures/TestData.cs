namespace SnapBackup.Nbd.Tests;

/// <summary>Bytes that differ everywhere and are the same in every run.</summary>
internal static class TestData
{
    public static byte[] Pattern(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
