using System.Runtime.CompilerServices;
using SnapBackup.Blocks;
using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Reading;

/// <summary>
/// Reads what the source held when the snapshot started, without a lock against writers.
/// </summary>
/// <remarks>
/// Blocks that are not preserved are read from the source, then all blocks are looked up again and those that are
/// preserved by now are read from the log over it. That is exact, because a block is in the index before the source
/// may change (<see cref="Preservation.CopyBeforeWrite"/>): a block that is still not there after the read was
/// not written before the read. At last the state is looked at: a snapshot is marked broken before a write goes by unpreserved.
/// While places on the logs are looked up and read, the reader is among the <see cref="LogReaders"/>, so that they stay what they are.
/// </remarks>
internal sealed class SnapshotReader(DeviceCore core, Snapshot snapshot, RequestGate gate)
{
    private const int LargestLookUp = 1 << 16;

    private readonly int _blockSize = core.BlockSize;

    private readonly VersionReader _versions = new(
        snapshot.FullName, core.Logs, (block, out version) => core.History.TryGet(snapshot.Epoch, block, out version), snapshot.ThrowIfNotActive);

    public string Name => snapshot.FullName;

    public long Size => core.Source.Size;

    public int SectorSize => core.Source.SectorSize;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ReadSourceAsync(offset, buffer, cancellationToken).ConfigureAwait(false);
            await ReadPreservedAsync(offset, buffer, cancellationToken).ConfigureAwait(false);
            snapshot.ThrowIfNotActive();
        }
        finally
        {
            gate.Leave();
        }
    }

    public async ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A short answer is allowed, and looking up every block of a huge range would take its time.
            length = Math.Min(length, (long)_blockSize * LargestLookUp);
            while (true)
            {
                if (PreservedExtent(offset, length) is { } preserved)
                    return preserved;
                var untouched = UnpreservedLength(offset, length);
                if (untouched == 0)
                    continue;
                var extent = await core.Source.GetExtentAsync(offset, untouched, cancellationToken).ConfigureAwait(false);
                var stillUntouched = UnpreservedLength(offset, extent.Length);
                snapshot.ThrowIfNotActive();
                if (stillUntouched > 0)
                    return extent with { Length = stillUntouched };
            }
        }
        finally
        {
            gate.Leave();
        }
    }

    private async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        await gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            snapshot.ThrowIfNotActive();
        }
        catch
        {
            gate.Leave();
            throw;
        }
    }

    private async ValueTask ReadSourceAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            var run = (int)UnpreservedLength(offset, buffer.Length);
            if (run > 0)
            {
                await core.Source.ReadAsync(offset, buffer[..run], cancellationToken).ConfigureAwait(false);
                Interlocked.Add(ref core.Counters.SnapshotBytesFromSource, run);
            }
            else
            {
                run = (int)Math.Min(buffer.Length, BlockEnd(offset) - offset);
            }

            offset += run;
            buffer = buffer[run..];
        }
    }

    private async ValueTask ReadPreservedAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var side = core.LogReaders.Enter();
        try
        {
            while (buffer.Length > 0)
            {
                var run = (int)Math.Min(buffer.Length, BlockEnd(offset) - offset);
                if (TryFind(offset / _blockSize, out var version))
                {
                    run = _versions.RunAt(offset, buffer.Length, version);
                    await _versions.ReadAsync(version, offset, buffer[..run], cancellationToken).ConfigureAwait(false);
                    Interlocked.Add(ref core.Counters.SnapshotBytesFromLog, run);
                }

                offset += run;
                buffer = buffer[run..];
            }
        }
        finally
        {
            core.LogReaders.Leave(side);
        }
    }

    private BlockExtent? PreservedExtent(long offset, long length)
    {
        if (!TryFind(offset / _blockSize, out var first))
            return null;
        var end = BlockEnd(offset);
        while (end < offset + length
            && TryFind(end / _blockSize, out var version)
            && (version.Kind == PreservedKind.Zero) == (first.Kind == PreservedKind.Zero))
        {
            end = BlockEnd(end);
        }

        return new BlockExtent(
            Math.Min(length, end - offset), first.Kind == PreservedKind.Zero ? ExtentKind.Hole : ExtentKind.Data);
    }

    /// <summary>How many bytes from an offset belong to blocks that are not preserved now; 0 when the first is.</summary>
    private long UnpreservedLength(long offset, long length)
    {
        var end = offset;
        while (end < offset + length && !core.History.Contains(snapshot.Epoch, end / _blockSize))
            end = BlockEnd(end);
        return Math.Min(length, end - offset);
    }

    private bool TryFind(long block, out PreservedVersion version) => core.History.TryGet(snapshot.Epoch, block, out version);

    private long BlockEnd(long offset) => ((offset / _blockSize) + 1) * _blockSize;
}
