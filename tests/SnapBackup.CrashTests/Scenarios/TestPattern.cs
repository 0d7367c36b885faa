using System.Buffers.Binary;

namespace SnapBackup.CrashTests.Scenarios;

/// <summary>Bytes that say who wrote them, and where: no two steps write the same, and none writes zeros.</summary>
internal static class TestPattern
{
    public static byte[] Of(long offset, int length, int number)
    {
        var content = new byte[length];
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < length; i++)
        {
            var at = offset + i;
            if (i == 0 || at % sizeof(ulong) == 0)
                BinaryPrimitives.WriteUInt64LittleEndian(word, 0x8080_8080_8080_8080 ^ ((ulong)number << 32) ^ (ulong)(at / sizeof(ulong)));
            content[i] = word[(int)(at % sizeof(ulong))];
        }

        return content;
    }
}
