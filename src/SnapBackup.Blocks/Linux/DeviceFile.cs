using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SnapBackup.Blocks.Linux;

/// <summary>
/// An open file or block device and the blocking calls on it. Offsets and lengths were checked by the caller; short
/// transfers are continued here; every failure leaves as a <see cref="BlockDeviceException"/>.
/// </summary>
internal sealed class DeviceFile(string name, SafeFileHandle handle) : IDisposable
{
    private const int ZeroChunk = 64 * 1024;
    private const long AllocationStep = 1L << 30;

    private static readonly byte[] Zeros = new byte[ZeroChunk];

    public SafeFileHandle Handle => handle;

    /// <summary>
    /// Unlocks and closes. Closing alone would leave the lock, for a moment, with a child that was forked just now and has
    /// not yet become its program.
    /// </summary>
    public void Dispose()
    {
        if (!handle.IsClosed)
            _ = LibC.Fcntl(handle, LibC.F_OFD_SETLK, new FileLock(LibC.F_UNLCK));
        handle.Dispose();
    }

    /// <summary>Reads what the page cache holds, without waiting for the medium.</summary>
    /// <returns>How many bytes of <paramref name="buffer"/> were filled; -1 when the file cannot say.</returns>
    public int ReadCached(long offset, Span<byte> buffer)
    {
        var count = TransferIn(offset, buffer, LibC.RWF_NOWAIT);
        if (count >= 0)
            return (int)count;
        var errno = Marshal.GetLastPInvokeError();
        return errno switch
        {
            Errno.EAGAIN => 0,
            Errno.EOPNOTSUPP or Errno.ENOSYS or Errno.EINVAL => -1,
            _ => throw LinuxError.From(errno, name, $"reading {buffer.Length} bytes at offset {offset}"),
        };
    }

    public void Read(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var count = TransferIn(offset, buffer, 0);
            if (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
                continue;
            if (count < 0)
                throw LinuxError.Last(name, $"reading {buffer.Length} bytes at offset {offset}");
            if (count == 0)
                throw EndedEarly(offset);
            offset += count;
            buffer = buffer[(int)count..];
        }
    }

    /// <summary>Lets go of what the page cache holds of a range and was flushed, so that the next read asks the medium. Advice.</summary>
    public void DropCached(long offset, long length) => _ = LibC.Advise(handle, offset, length, LibC.POSIX_FADV_DONTNEED);

    public void Write(long offset, ReadOnlySpan<byte> data, bool durable)
    {
        while (data.Length > 0)
        {
            var count = TransferOut(offset, data, durable ? LibC.RWF_DSYNC : 0);
            if (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
                continue;
            if (count < 0)
                throw LinuxError.Last(name, $"writing {data.Length} bytes at offset {offset}");
            offset += count;
            data = data[(int)count..];
        }
    }

    public void Flush()
    {
        if (LibC.DataSync(handle) != 0)
            throw LinuxError.Last(name, "flushing");
    }

    /// <summary>As <see cref="Flush"/>, and the file's times, which that leaves in memory.</summary>
    public void Sync()
    {
        if (LibC.Sync(handle) != 0)
            throw LinuxError.Last(name, "flushing");
    }

    /// <summary>Takes the space of a range from the file system; a regular file that ends before it does grows to its end.</summary>
    /// <param name="offset">Where to start.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="cancellationToken">Gives up between two steps; what was taken by then stays taken.</param>
    public void Allocate(long offset, long length, CancellationToken cancellationToken = default)
    {
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = Math.Min(length, AllocationStep);
            if (LibC.Fallocate(handle, 0, offset, step) == 0)
            {
                offset += step;
                length -= step;
            }
            else if (Marshal.GetLastPInvokeError() != Errno.EINTR)
            {
                throw LinuxError.Last(name, $"allocating {step} bytes at offset {offset}");
            }
        }
    }

    public void SetLength(long length)
    {
        if (LibC.Truncate(handle, length) != 0)
            throw LinuxError.Last(name, $"making it {length} bytes long");
    }

    /// <summary>How many bytes its file system has left for us, asked by the handle: the path may lead elsewhere by now.</summary>
    public long FreeRoom => new DriveInfo(DescriptorPath).AvailableFreeSpace;

    /// <summary>The path that the kernel knows it by now.</summary>
    public string? RealPath => File.ResolveLinkTarget(DescriptorPath, returnFinalTarget: false)?.FullName;

    private string DescriptorPath => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    /// <summary>Makes a range read as zeros by the cheapest way the file system offers.</summary>
    public void Zero(long offset, long length, WriteOptions options)
    {
        var mode = LibC.FALLOC_FL_KEEP_SIZE | (options.HasFlag(WriteOptions.NoHole) ? LibC.FALLOC_FL_ZERO_RANGE : LibC.FALLOC_FL_PUNCH_HOLE);
        if (LibC.Fallocate(handle, mode, offset, length) == 0)
            return;
        // EINVAL: a block device wants whole sectors.
        if (Marshal.GetLastPInvokeError() is not (Errno.EOPNOTSUPP or Errno.ENOSYS or Errno.EINVAL))
            throw LinuxError.Last(name, $"zeroing {length} bytes at offset {offset}");
        if (options.HasFlag(WriteOptions.FastOnly))
        {
            throw new BlockDeviceException(
                BlockDeviceError.NotSupported, $"{name}: {length} bytes at offset {offset} cannot be zeroed quicker than written. Write them, or zero them without haste.");
        }

        for (var done = 0L; done < length; done += ZeroChunk)
            Write(offset + done, Zeros.AsSpan(0, (int)Math.Min(ZeroChunk, length - done)), durable: false);
    }

    /// <summary>Gives a range of a regular file back to its file system. Advice: where that is not offered nothing happens.</summary>
    public void PunchHole(long offset, long length)
    {
        if (LibC.Fallocate(handle, LibC.FALLOC_FL_KEEP_SIZE | LibC.FALLOC_FL_PUNCH_HOLE, offset, length) != 0
            && Marshal.GetLastPInvokeError() is not (Errno.EOPNOTSUPP or Errno.ENOSYS))
        {
            throw LinuxError.Last(name, $"trimming {length} bytes at offset {offset}");
        }
    }

    /// <summary>Discards whole sectors of a block device. Advice: where that is not offered nothing happens.</summary>
    public unsafe void Discard(long offset, long length)
    {
        var range = stackalloc ulong[2] { (ulong)offset, (ulong)length };
        if (LibC.Ioctl(handle, LibC.BLKDISCARD, range) != 0
            && Marshal.GetLastPInvokeError() is not (Errno.EOPNOTSUPP or Errno.ENOTTY or Errno.EINVAL))
        {
            throw LinuxError.Last(name, $"discarding {length} bytes at offset {offset}");
        }
    }

    /// <summary>The first run of data or hole from <paramref name="offset"/>, up to <paramref name="length"/> bytes.</summary>
    public BlockExtent Extent(long offset, long length)
    {
        var data = LibC.Seek(handle, offset, LibC.SEEK_DATA);
        if (data < 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                Errno.ENXIO => LastHole(offset, length),
                _ => new BlockExtent(length, ExtentKind.Data), // the file system cannot tell
            };
        }

        if (data > offset)
            return new BlockExtent(Math.Min(length, data - offset), ExtentKind.Hole);
        var hole = LibC.Seek(handle, offset, LibC.SEEK_HOLE);
        return new BlockExtent(hole <= offset ? length : Math.Min(length, hole - offset), ExtentKind.Data);
    }

    /// <summary>No data follows: a hole up to the end, or an end that came nearer meanwhile and must not pass for zeros.</summary>
    private BlockExtent LastHole(long offset, long length)
    {
        var end = LibC.Seek(handle, 0, LibC.SEEK_END);
        return end >= offset + length ? new BlockExtent(length, ExtentKind.Hole) : throw EndedEarly(end);
    }

    public StatxBuffer Stat() => StatxBuffer.Of((int)handle.DangerousGetHandle())
        ?? throw LinuxError.Last(name, "asking for its kind and size");

    public unsafe long BlockDeviceSize()
    {
        ulong size;
        if (LibC.Ioctl(handle, LibC.BLKGETSIZE64, &size) != 0)
            throw LinuxError.Last(name, "asking for its size");
        return (long)size;
    }

    public unsafe int QueryInt32(nuint request, string what)
    {
        // The long variant of BLKRAGET writes 8 bytes; the others 4.
        long value = 0;
        if (LibC.Ioctl(handle, request, &value) != 0)
            throw LinuxError.Last(name, $"asking for its {what}");
        return (int)value;
    }

    /// <summary>Takes a lock on the whole file that other open files, also of this process, respect.</summary>
    public void LockWhole(bool shared)
    {
        if (LibC.Fcntl(handle, LibC.F_OFD_SETLK, new FileLock(shared ? LibC.F_RDLCK : LibC.F_WRLCK)) == 0)
            return;
        if (Marshal.GetLastPInvokeError() is Errno.EAGAIN or Errno.EACCES)
            throw LinuxError.From(Errno.EBUSY, name, "locking it for exclusive use");
        throw LinuxError.Last(name, "locking it for exclusive use");
    }

    private unsafe nint TransferIn(long offset, Span<byte> buffer, int flags)
    {
        fixed (byte* start = buffer)
        {
            var vector = new IoVector(start, (nuint)buffer.Length);
            return LibC.ReadVector(handle, &vector, 1, offset, flags);
        }
    }

    private unsafe nint TransferOut(long offset, ReadOnlySpan<byte> data, int flags)
    {
        fixed (byte* start = data)
        {
            var vector = new IoVector(start, (nuint)data.Length);
            return LibC.WriteVector(handle, &vector, 1, offset, flags);
        }
    }

    private BlockDeviceException EndedEarly(long offset) => new(
        BlockDeviceError.SizeChanged,
        $"{name}: it ends at offset {offset} now, earlier than when it was opened: it was made smaller meanwhile. "
        + "Stop what changes it and set the device up again.");
}
