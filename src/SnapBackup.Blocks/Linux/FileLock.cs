using System.Runtime.InteropServices;

namespace SnapBackup.Blocks.Linux;

/// <summary><c>struct flock</c> for a lock on a whole file: start and length 0 mean all of it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct FileLock(short type)
{
    public readonly short Type = type;
    public readonly short Whence;
    public readonly long Start;
    public readonly long Length;
    public readonly int Pid;
}
