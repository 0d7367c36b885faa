using System.Runtime.InteropServices;

namespace SnapBackup.Blocks.Linux;

/// <summary>
/// The fields of <c>struct statx</c> that are used, at the offsets of the kernel's ABI (the same on every architecture,
/// unlike <c>struct stat</c>).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatxBuffer
{
    [FieldOffset(28)] public ushort Mode;
    [FieldOffset(32)] public ulong Inode;
    [FieldOffset(40)] public ulong Size;
    [FieldOffset(128)] public uint RdevMajor;
    [FieldOffset(132)] public uint RdevMinor;
    [FieldOffset(136)] public uint DevMajor;
    [FieldOffset(140)] public uint DevMinor;

    private const int FormatMask = 0xF000;

    public readonly bool IsRegularFile => (Mode & FormatMask) == 0x8000;

    public readonly bool IsBlockDevice => (Mode & FormatMask) == 0x6000;

    public readonly FileIdentity Identity => IsBlockDevice
        ? new FileIdentity(true, ((ulong)RdevMajor << 32) | RdevMinor, 0)
        : new FileIdentity(false, ((ulong)DevMajor << 32) | DevMinor, Inode);
}
