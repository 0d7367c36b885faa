using System.Buffers;
using System.Diagnostics;
using SnapBackup.Blocks;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>Which operation of the device a command is.</summary>
internal static class DeviceCall
{
    /// <summary>How many bytes CACHE reads at once.</summary>
    private const int CacheStep = 256 << 10;

    /// <summary>Starts a request that <see cref="RequestCheck"/> let pass, BLOCK_STATUS excepted.</summary>
    /// <param name="device">What to work on.</param>
    /// <param name="request">The request.</param>
    /// <param name="payload">The bytes of a WRITE.</param>
    /// <param name="data">Where the bytes of a READ go.</param>
    /// <param name="abort">Makes the device give up waiting.</param>
    public static ValueTask Start(
        IBlockDevice device, in Request request, ReadOnlyMemory<byte> payload, Memory<byte> data, CancellationToken abort)
    {
        var (offset, length) = ((long)request.Offset, (long)request.Length);
        return request.Command switch
        {
            Command.Read => device.ReadAsync(offset, data, abort),
            Command.Write => device.WriteAsync(offset, payload, Options(request.Flags), abort),
            Command.WriteZeroes => device.WriteZeroesAsync(offset, length, Options(request.Flags), abort),
            Command.Trim when request.Flags.HasFlag(CommandFlags.ForceUnitAccess) => TrimDurablyAsync(device, offset, length, abort),
            Command.Trim => device.TrimAsync(offset, length, abort),
            Command.Flush => device.FlushAsync(abort),
            Command.Cache => CacheAsync(device, offset, length, abort),
            _ => throw new UnreachableException(),
        };
    }

    private static async ValueTask TrimDurablyAsync(IBlockDevice device, long offset, long length, CancellationToken abort)
    {
        await device.TrimAsync(offset, length, abort).ConfigureAwait(false);
        await device.FlushAsync(abort).ConfigureAwait(false);
    }

    /// <summary>What was read is in the page cache.</summary>
    private static async ValueTask CacheAsync(IBlockDevice device, long offset, long length, CancellationToken abort)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CacheStep);
        try
        {
            for (var done = 0L; done < length; done += CacheStep)
            {
                abort.ThrowIfCancellationRequested();
                await device.ReadAsync(offset + done, buffer.AsMemory(0, (int)Math.Min(CacheStep, length - done)), abort).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static WriteOptions Options(CommandFlags flags) =>
        (flags.HasFlag(CommandFlags.ForceUnitAccess) ? WriteOptions.ForceUnitAccess : WriteOptions.None)
        | (flags.HasFlag(CommandFlags.NoHole) ? WriteOptions.NoHole : WriteOptions.None)
        | (flags.HasFlag(CommandFlags.FastZero) ? WriteOptions.FastOnly : WriteOptions.None);
}
