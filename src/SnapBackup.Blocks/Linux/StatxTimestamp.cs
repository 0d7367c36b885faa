using System.Runtime.InteropServices;

namespace SnapBackup.Blocks.Linux;

/// <summary><c>struct statx_timestamp</c>: a time since 1970, negative seconds being before it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal readonly struct StatxTimestamp
{
    public readonly long Seconds;
    public readonly uint Nanoseconds;

    public long Milliseconds => unchecked((Seconds * 1000) + (Nanoseconds / 1_000_000));
}
