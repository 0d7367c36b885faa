using SnapBackup.Blocks;
using SnapBackup.Nbd.Serving;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Tests;

public sealed class ErrnoMapTests
{
    [Fact]
    public void Every_reason_of_a_block_device_has_its_errno()
    {
        var expected = new Dictionary<BlockDeviceError, NbdErrno>
        {
            [BlockDeviceError.NotFound] = NbdErrno.EIO,
            [BlockDeviceError.NotABlockDevice] = NbdErrno.EIO,
            [BlockDeviceError.AccessDenied] = NbdErrno.EPERM,
            [BlockDeviceError.ReadOnly] = NbdErrno.EPERM,
            [BlockDeviceError.Busy] = NbdErrno.EIO,
            [BlockDeviceError.AlreadyExists] = NbdErrno.EIO,
            [BlockDeviceError.OutOfRange] = NbdErrno.EINVAL,
            [BlockDeviceError.InputOutput] = NbdErrno.EIO,
            [BlockDeviceError.NoSpace] = NbdErrno.ENOSPC,
            [BlockDeviceError.SizeChanged] = NbdErrno.EIO,
            [BlockDeviceError.NotSupported] = NbdErrno.ENOTSUP,
            [BlockDeviceError.Closed] = NbdErrno.ESHUTDOWN,
        };
        Assert.Equal(Enum.GetValues<BlockDeviceError>().Order(), expected.Keys.Order());
        foreach (var (reason, errno) in expected)
            Assert.Equal(errno, ErrnoMap.Of(new BlockDeviceException(reason, "m")));
    }

    [Fact]
    public void Other_exceptions_have_theirs()
    {
        Assert.Equal(NbdErrno.EIO, ErrnoMap.Of(new NbdException(NbdError.ConnectionFailed, "of another layer")));
        Assert.Equal(NbdErrno.EIO, ErrnoMap.Of(new InvalidOperationException()));
        Assert.Equal(NbdErrno.ESHUTDOWN, ErrnoMap.Of(new TaskCanceledException()));
        Assert.Equal(NbdErrno.ENOMEM, ErrnoMap.Of(new InsufficientMemoryException()));
    }
}
