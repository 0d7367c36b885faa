using System.Runtime.InteropServices;

namespace SnapBackup.Blocks.Linux;

/// <summary>
/// The fields of <c>struct statx</c> that are used, at the offsets of the kernel's ABI (the same on every architecture,
/// unlike <c>struct stat</c>).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatxBuffer
{
    [FieldOffset(0)] public uint Mask;
    [FieldOffset(28)] public ushort Mode;
    [FieldOffset(32)] public ulong Inode;
    [FieldOffset(40)] public ulong Size;
    [FieldOffset(80)] public StatxTimestamp BirthTime;
    [FieldOffset(96)] public StatxTimestamp ChangeTime;
    [FieldOffset(112)] public StatxTimestamp ModifyTime;
    [FieldOffset(128)] public uint RdevMajor;
    [FieldOffset(132)] public uint RdevMinor;
    [FieldOffset(136)] public uint DevMajor;
    [FieldOffset(140)] public uint DevMinor;
    [FieldOffset(144)] public ulong MountId;

    private const int FormatMask = 0xF000;

    /// <summary>Whether <see cref="BirthTime"/> says something; not every file system keeps it.</summary>
    public readonly bool HasBirthTime => (Mask & LibC.STATX_BTIME) != 0;

    /// <summary>The status of what stands at a path, links followed; null, with errno set, when that fails.</summary>
    public static StatxBuffer? Of(string path) => Ask(LibC.AT_FDCWD, path, 0);

    /// <summary>The status of an open file; null, with errno set, when that fails.</summary>
    public static StatxBuffer? Of(int descriptor) => Ask(descriptor, "", LibC.AT_EMPTY_PATH);

    public readonly bool IsRegularFile => (Mode & FormatMask) == 0x8000;

    public readonly bool IsBlockDevice => (Mode & FormatMask) == 0x6000;

    public readonly FileIdentity Identity => IsBlockDevice
        ? new FileIdentity(true, ((ulong)RdevMajor << 32) | RdevMinor, 0)
        : new FileIdentity(false, ((ulong)DevMajor << 32) | DevMinor, Inode);

    /// <remarks>A network file system must ask its server: what it remembers of a file may be old.</remarks>
    private static StatxBuffer? Ask(int folder, string path, int flags) =>
        LibC.Statx(folder, path, flags | LibC.AT_STATX_FORCE_SYNC, LibC.STATX_BASIC_STATS | LibC.STATX_BTIME | LibC.STATX_MNT_ID, out var status) == 0
            ? status
            : null;
}
