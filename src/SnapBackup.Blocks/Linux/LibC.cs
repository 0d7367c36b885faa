using System.Runtime.InteropServices;

namespace SnapBackup.Blocks.Linux;

/// <summary>
/// The few calls of libc that .NET does not offer. Structures and constants are those of 64-bit Linux (x86-64 and arm64
/// agree on all of them). Calls set errno, read with <see cref="Marshal.GetLastPInvokeError"/>.
/// </summary>
internal static partial class LibC
{
    public const int O_RDONLY = 0;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;

    public const int SEEK_END = 2;
    public const int SEEK_DATA = 3;
    public const int SEEK_HOLE = 4;

    public const int FALLOC_FL_KEEP_SIZE = 1;
    public const int FALLOC_FL_PUNCH_HOLE = 2;
    public const int FALLOC_FL_ZERO_RANGE = 16;

    public const int RWF_DSYNC = 2;
    public const int RWF_NOWAIT = 8;

    public const int F_OFD_SETLK = 37;
    public const short F_RDLCK = 0;
    public const short F_WRLCK = 1;
    public const short F_UNLCK = 2;

    public const nuint BLKGETSIZE64 = 0x80081272;
    public const nuint BLKSSZGET = 0x1268;
    public const nuint BLKROGET = 0x125e;
    public const nuint BLKRAGET = 0x1263;
    public const nuint BLKRASET = 0x1262;
    public const nuint BLKDISCARD = 0x1277;

    public const int AT_FDCWD = -100;
    public const int AT_EMPTY_PATH = 0x1000;
    public const int AT_STATX_FORCE_SYNC = 0x2000;
    public const uint STATX_BASIC_STATS = 0x7ff;
    public const uint STATX_BTIME = 0x800;
    public const uint STATX_MNT_ID = 0x1000;

    public const int POSIX_FADV_DONTNEED = 4;

    private const string Name = "libc";

    [LibraryImport(Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport(Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);

    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    public static unsafe partial int Ioctl(SafeHandle file, nuint request, void* argument);

    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int IoctlValue(SafeHandle file, nuint request, nuint argument);

    [LibraryImport(Name, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Fcntl(SafeHandle file, int command, in FileLock fileLock);

    [LibraryImport(Name, EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(SafeHandle file, long offset, int whence);

    [LibraryImport(Name, EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Fallocate(SafeHandle file, int mode, long offset, long length);

    [LibraryImport(Name, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(SafeHandle file, long length);

    [LibraryImport(Name, EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int DataSync(SafeHandle file);

    [LibraryImport(Name, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeHandle file);

    /// <remarks>Returns the error number instead of setting it.</remarks>
    [LibraryImport(Name, EntryPoint = "posix_fadvise")]
    public static partial int Advise(SafeHandle file, long offset, long length, int advice);

    [LibraryImport(Name, EntryPoint = "preadv2", SetLastError = true)]
    public static unsafe partial nint ReadVector(SafeHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport(Name, EntryPoint = "pwritev2", SetLastError = true)]
    public static unsafe partial nint WriteVector(SafeHandle file, IoVector* vectors, int count, long offset, int flags);
}
