using System.Text;

namespace SnapBackup.Nbd.Wire;

/// <summary>An export's name as the protocol carries it: UTF-8, at most 4096 bytes, no terminator.</summary>
internal static class ExportName
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>False when it is too long, not UTF-8 or holds a NUL.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out string name)
    {
        name = "";
        if (source.Length > NbdLimits.MaxNameLength || source.Contains((byte)0))
            return false;
        try
        {
            name = Strict.GetString(source);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
