using System.Diagnostics;
using SnapBackup.Blocks;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>Which operation of the device a command is.</summary>
internal static class DeviceCall
{
    /// <summary>Starts a request that <see cref="RequestCheck"/> let pass.</summary>
    /// <param name="device">What to work on.</param>
    /// <param name="request">The request.</param>
    /// <param name="payload">The bytes of a WRITE.</param>
    /// <param name="data">Where the bytes of a READ go.</param>
    /// <param name="abort">Makes the device give up waiting.</param>
    public static ValueTask Start(
        IBlockDevice device, in RequestHeader request, ReadOnlyMemory<byte> payload, Memory<byte> data, CancellationToken abort)
    {
        var offset = (long)request.Offset;
        return request.Command switch
        {
            Command.Read => device.ReadAsync(offset, data, abort),
            Command.Write => device.WriteAsync(offset, payload, Options(request.Flags), abort),
            Command.WriteZeroes => device.WriteZeroesAsync(offset, request.Length, Options(request.Flags), abort),
            Command.Trim when request.Flags.HasFlag(CommandFlags.ForceUnitAccess) =>
                TrimDurablyAsync(device, offset, request.Length, abort),
            Command.Trim => device.TrimAsync(offset, request.Length, abort),
            Command.Flush => device.FlushAsync(abort),
            _ => throw new UnreachableException(),
        };
    }

    private static async ValueTask TrimDurablyAsync(IBlockDevice device, long offset, long length, CancellationToken abort)
    {
        await device.TrimAsync(offset, length, abort).ConfigureAwait(false);
        await device.FlushAsync(abort).ConfigureAwait(false);
    }

    private static WriteOptions Options(CommandFlags flags) =>
        (flags.HasFlag(CommandFlags.ForceUnitAccess) ? WriteOptions.ForceUnitAccess : WriteOptions.None)
        | (flags.HasFlag(CommandFlags.NoHole) ? WriteOptions.NoHole : WriteOptions.None);
}
