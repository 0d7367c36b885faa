using Microsoft.Win32.SafeHandles;
using SnapBackup.Blocks.Linux;
using SnapBackup.Blocks.Stamps;

namespace SnapBackup.Blocks;

/// <summary>
/// A regular file or a Linux block device, through the page cache.
/// </summary>
/// <remarks>
/// A read that the page cache can serve, and a write without FUA, run on the calling thread and complete
/// synchronously (<c>preadv2</c> with <c>RWF_NOWAIT</c>, <c>pwritev2</c>); what must wait for the medium runs on the pool.
/// Holes are found with <c>SEEK_DATA</c>/<c>SEEK_HOLE</c> and made with <c>fallocate</c> or <c>BLKDISCARD</c>.
/// The instance owns its file handle. A regular file can grow.
/// </remarks>
public sealed class FileBlockDevice : IGrowableDevice, IStampedDevice
{
    private const int FileSectorSize = 512;

    /// <summary>
    /// How often to ask again for what is in use: a program that is being started has, between fork and exec, everything open that this one had open,
    /// so what was closed a moment ago may be in use a moment longer.
    /// </summary>
    private const int BusyAttempts = 10;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(10);

    private readonly DeviceFile _file;
    private readonly Lock _growing = new();
    private long _size;
    private volatile bool _canReadCached = true;
    private volatile BlockDeviceException? _lostWrites;

    private FileBlockDevice(string path, DeviceFile file, FileBlockDeviceOptions options)
    {
        var status = file.Stat();
        if (!status.IsRegularFile && !status.IsBlockDevice)
        {
            throw new BlockDeviceException(
                BlockDeviceError.NotABlockDevice,
                $"{path}: it is neither a regular file nor a block device. Name a disk image or a device such as /dev/sdb.");
        }

        Name = path;
        _file = file;
        Identity = status.Identity;
        IsReadOnly = options.ReadOnly;
        if (status.IsBlockDevice)
        {
            _size = file.BlockDeviceSize();
            SectorSize = file.QueryInt32(LibC.BLKSSZGET, "sector size");
            RefuseReadOnlyMedium();
        }
        else
        {
            _size = (long)status.Size;
            SectorSize = FileSectorSize;
            if (options.Exclusive)
            {
                file.LockWhole(shared: options.ReadOnly);
                RefuseLoopBacking();
            }
        }
    }

    /// <summary>The path it was opened by.</summary>
    public string Name { get; }

    /// <summary>What the path named when it was opened.</summary>
    public FileIdentity Identity { get; }

    /// <inheritdoc/>
    public long Size => Volatile.Read(ref _size);

    /// <inheritdoc/>
    public int SectorSize { get; }

    /// <inheritdoc/>
    public bool IsReadOnly { get; }

    /// <summary>
    /// How far the kernel reads ahead of a sequential reader, in bytes, rounded down to sectors of 512; only block
    /// devices have it.
    /// </summary>
    /// <exception cref="BlockDeviceException"><see cref="BlockDeviceError.NotSupported"/> for a regular file.</exception>
    public int ReadAhead
    {
        get
        {
            RefuseReadAheadOfFile();
            return _file.QueryInt32(LibC.BLKRAGET, "read-ahead") * 512;
        }

        set
        {
            RefuseReadAheadOfFile();
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            if (LibC.IoctlValue(_file.Handle, LibC.BLKRASET, (nuint)(value / 512)) != 0)
                throw LinuxError.Last(Name, "setting its read-ahead");
        }
    }

    /// <summary>Opens an existing file or block device.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="options">How; exclusive and writable when left out.</param>
    /// <exception cref="BlockDeviceException">It does not exist, is of another kind, may not be opened or is in use.</exception>
    public static FileBlockDevice Open(string path, FileBlockDeviceOptions? options = null)
    {
        options ??= new FileBlockDeviceOptions();
        // A pipe would make open wait for its other end; disks and files do not know the flag.
        var flags = LibC.O_CLOEXEC | LibC.O_NONBLOCK | (options.ReadOnly ? LibC.O_RDONLY : LibC.O_RDWR);
        // O_EXCL without O_CREAT has a meaning for block devices only.
        if (options.Exclusive && IsBlockDevice(path))
            flags |= LibC.O_EXCL;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Wrap(path, flags, 0, options);
            }
            catch (BlockDeviceException busy) when (busy.Reason == BlockDeviceError.Busy && attempt < BusyAttempts)
            {
#pragma warning disable RS0030 // There is no event to wait for: nothing tells when another thread's new process has run exec.
                Thread.Sleep(BetweenAttempts);
#pragma warning restore RS0030
            }
        }
    }

    /// <summary>Creates a regular file of <paramref name="size"/> bytes, readable by its owner alone, and opens it for exclusive use.</summary>
    /// <param name="path">Where; nothing may exist there.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="allocate">Whether its space is taken from the file system now, so that it cannot be missing later.</param>
    /// <exception cref="BlockDeviceException">Something exists there, the folder does not, or there is no room; no file is left then.</exception>
    public static FileBlockDevice Create(string path, long size, bool allocate = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        const int OwnerReadWrite = 0b110_000_000;
        var device = Wrap(
            path, LibC.O_CLOEXEC | LibC.O_RDWR | LibC.O_CREAT | LibC.O_EXCL, OwnerReadWrite, new FileBlockDeviceOptions());
        try
        {
            if (allocate)
                new FileSpace(path, device._file).Extend(0, size);
            else
                device._file.SetLength(size);
            device._size = size;
            return device;
        }
        catch
        {
            device._file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        BlockDeviceException.ThrowIfOutside(Name, Size, offset, buffer.Length);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        var cached = _canReadCached ? _file.ReadCached(offset, buffer.Span) : -1;
        if (cached == buffer.Length)
            return ValueTask.CompletedTask;
        if (cached < 0)
        {
            // A file system without RWF_NOWAIT (tmpfs on older kernels): blocking here is what it is good at.
            _canReadCached = false;
            _file.Read(offset, buffer.Span);
            return ValueTask.CompletedTask;
        }

        return ReadFromMediumAsync(offset + cached, buffer[cached..]);
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
    {
        RefuseChange(offset, data.Length);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if ((options & WriteOptions.ForceUnitAccess) != WriteOptions.None)
            return WriteThroughAsync(offset, data);
        _file.Write(offset, data.Span, durable: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
    {
        RefuseChange(offset, length);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (length > 0)
            _file.Zero(offset, length, options);
        return options.HasFlag(WriteOptions.ForceUnitAccess) ? FlushAsync(CancellationToken.None) : ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        RefuseChange(offset, length);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (!Identity.IsBlockDevice)
        {
            if (length > 0)
                _file.PunchHole(offset, length);
            return ValueTask.CompletedTask;
        }

        var first = (offset + SectorSize - 1) / SectorSize * SectorSize;
        var end = (offset + length) / SectorSize * SectorSize;
        if (end > first)
            _file.Discard(first, end - first);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled(cancellationToken)
            : new ValueTask(Task.Run(Flush, CancellationToken.None));
    }

    /// <inheritdoc/>
    public ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        BlockDeviceException.ThrowIfOutside(Name, Size, offset, length);
        ArgumentOutOfRangeException.ThrowIfZero(length);
        return ValueTask.FromResult(_file.Extent(offset, length));
    }

    /// <inheritdoc/>
    public ValueTask GrowAsync(long size, CancellationToken cancellationToken = default)
    {
        RefuseChange(0, 0);
        if (Identity.IsBlockDevice)
        {
            throw new BlockDeviceException(
                BlockDeviceError.NotSupported,
                $"{Name}: a block device does not grow by itself. Make it larger with what made it (lvextend, losetup -c…) and open it again.");
        }

        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled(cancellationToken)
            : new ValueTask(Task.Run(() => Grow(size, cancellationToken), CancellationToken.None));
    }

    /// <inheritdoc/>
    public ValueTask<DeviceStamp> ReadStampAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return new ValueTask<DeviceStamp>(Task.Run(() => StampAsync(cancellationToken), cancellationToken));
    }

    /// <summary>Closes the handle, which also releases the lock.</summary>
    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    private static FileBlockDevice Wrap(string path, int flags, int mode, FileBlockDeviceOptions options)
    {
        var descriptor = LibC.Open(path, flags, mode);
        if (descriptor < 0)
            throw LinuxError.Last(path, "opening it");
        var file = new DeviceFile(path, new SafeFileHandle(descriptor, ownsHandle: true));
        try
        {
            return new FileBlockDevice(path, file, options);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static bool IsBlockDevice(string path) => StatxBuffer.Of(path) is { IsBlockDevice: true };

    // These two stand alone because a closure is made where its variables are declared: in the callers that would be every request.
    private ValueTask WriteThroughAsync(long offset, ReadOnlyMemory<byte> data) =>
        new(Task.Run(() => Durably(() => _file.Write(offset, data.Span, durable: true)), CancellationToken.None));

    private ValueTask ReadFromMediumAsync(long offset, Memory<byte> buffer) =>
        new(Task.Run(() => _file.Read(offset, buffer.Span), CancellationToken.None));

    private Task<DeviceStamp> StampAsync(CancellationToken cancellationToken)
    {
        // Also the writes of others that only the page cache has so far, and the times: a stamp must outlast a power cut.
        Durably(_file.Sync);
        return Identity.IsBlockDevice
            ? DiskStamp.ReadAsync(_file, Identity, Size, cancellationToken)
            : FileStamp.ReadAsync(_file.Stat, cancellationToken);
    }

    private void Flush() => Durably(_file.Flush);

    /// <summary>
    /// The kernel tells of writes that were lost once and forgets them: whoever asked first (a start, another connection)
    /// would take the error away from the one whose writes they were. So nothing is called durable any more after a failure.
    /// </summary>
    private void Durably(Action operation)
    {
        if (_lostWrites is { } lost)
            throw new BlockDeviceException(lost.Reason, lost.Message, lost);
        try
        {
            operation();
        }
        catch (BlockDeviceException failure)
        {
            _lostWrites = failure;
            throw;
        }
    }

    private void Grow(long size, CancellationToken cancellationToken)
    {
        lock (_growing)
        {
            var before = Size;
            if (size < before)
            {
                throw new BlockDeviceException(
                    BlockDeviceError.NotSupported,
                    $"{Name}: it has {before} bytes and growing cannot make them {size}. Name a size that is not smaller.");
            }

            var space = new FileSpace(Name, _file);
            space.Extend(before, size, cancellationToken);
            try
            {
                Durably(_file.Sync);
            }
            catch
            {
                space.CutBack(before);
                throw;
            }

            Volatile.Write(ref _size, size);
        }
    }

    private void ThrowIfClosed()
    {
        if (_file.Handle.IsClosed)
            throw new BlockDeviceException(BlockDeviceError.Closed, $"{Name}: this handle was closed.");
    }

    private void RefuseChange(long offset, long length)
    {
        ThrowIfClosed();
        if (IsReadOnly)
            throw new BlockDeviceException(BlockDeviceError.ReadOnly, $"{Name}: it was opened for reading only.");
        BlockDeviceException.ThrowIfOutside(Name, Size, offset, length);
    }

    private void RefuseReadOnlyMedium()
    {
        if (!IsReadOnly && _file.QueryInt32(LibC.BLKROGET, "read-only flag") != 0)
        {
            throw new BlockDeviceException(
                BlockDeviceError.ReadOnly, $"{Name}: the device is read-only. Clear its flag (blockdev --setrw) or choose another.");
        }
    }

    private void RefuseLoopBacking()
    {
        if (!IsReadOnly && _file.RealPath is { } path && LoopDevices.On(path) is { } loop)
        {
            throw new BlockDeviceException(
                BlockDeviceError.Busy, $"{Name}: the loop device {loop} stands on this file. Detach it (losetup -d {loop}), or name {loop} itself.");
        }
    }

    private void RefuseReadAheadOfFile()
    {
        if (!Identity.IsBlockDevice)
            throw new BlockDeviceException(BlockDeviceError.NotSupported, $"{Name}: a regular file has no read-ahead of its own.");
    }
}
