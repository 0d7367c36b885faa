using System.Buffers;
using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Reading;

/// <summary>Reads the content of blocks from the logs and verifies every block by its checksum.</summary>
/// <param name="name">Who reads, for messages.</param>
/// <param name="logs">The logs.</param>
/// <param name="find">Finds the blocks.</param>
/// <param name="throwIfGone">Throws when what is read may have been given back meanwhile, so that its bytes mean nothing.</param>
internal sealed class VersionReader(string name, LogSet logs, VersionLookup find, Action throwIfGone)
{
    private readonly int _blockSize = logs.Shape.BlockSize;

    /// <summary>How many bytes from an offset can be read at once: to the end of the block, or of those that lie behind it on the log too.</summary>
    /// <param name="offset">Where to start.</param>
    /// <param name="length">How much is wanted.</param>
    /// <param name="first">Where the first block is.</param>
    public int RunAt(long offset, int length, PreservedVersion first)
    {
        var block = offset / _blockSize;
        var end = (block + 1) * _blockSize;
        var wholeBlock = offset % _blockSize == 0 && end - offset <= length;
        for (var next = 1; wholeBlock && first.Kind == PreservedKind.Data && end + _blockSize <= offset + length; next++)
        {
            if (!find(block + next, out var version)
                || version.Kind != PreservedKind.Data
                || version.Log != first.Log
                || version.Offset != first.Offset + ((long)next * _blockSize))
            {
                break;
            }

            end += _blockSize;
        }

        return (int)Math.Min(length, end - offset);
    }

    /// <summary>Reads a part of a block, or a run of whole ones.</summary>
    /// <param name="first">Where the first block is.</param>
    /// <param name="offset">Where to start.</param>
    /// <param name="buffer">As long as <see cref="RunAt"/> says, or a part of that.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="EngineException">The source could not be read when the block was preserved, or the log returned other bytes.</exception>
    public ValueTask ReadAsync(PreservedVersion first, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        switch (first.Kind)
        {
            case PreservedKind.Zero:
                buffer.Span.Clear();
                return ValueTask.CompletedTask;
            case PreservedKind.Unreadable:
                throw new EngineException(
                    EngineError.SourceUnreadable,
                    $"{name}: the block at offset {offset / _blockSize * _blockSize} could not be read from the source when it was to be "
                    + "preserved, so the snapshot does not have it. Look at the health of the source.");
            default:
                return buffer.Length % _blockSize == 0
                    ? ReadBlocksAsync(first, offset, buffer, cancellationToken)
                    : ReadPartAsync(first, offset, buffer, cancellationToken);
        }
    }

    private async ValueTask ReadBlocksAsync(PreservedVersion first, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await logs.ReadAsync(first.Log, first.Offset, buffer, cancellationToken).ConfigureAwait(false);
        for (var done = 0; done < buffer.Length; done += _blockSize)
        {
            find((offset + done) / _blockSize, out var version);
            Verify(version, offset + done, buffer.Span.Slice(done, _blockSize));
        }
    }

    private async ValueTask ReadPartAsync(PreservedVersion version, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var whole = ArrayPool<byte>.Shared.Rent(_blockSize);
        try
        {
            var block = whole.AsMemory(0, _blockSize);
            await logs.ReadAsync(version.Log, version.Offset, block, cancellationToken).ConfigureAwait(false);
            Verify(version, offset, block.Span);
            block.Slice((int)(offset % _blockSize), buffer.Length).CopyTo(buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private void Verify(PreservedVersion version, long offset, ReadOnlySpan<byte> block)
    {
        if ((uint)Checksum.Of(block) != version.Checksum)
        {
            throwIfGone();
            throw new EngineException(
                EngineError.LogCorrupt,
                $"{name}: the block stored for offset {offset / _blockSize * _blockSize} does not have its checksum: the log "
                + $"{logs.NameOf(version)} returned other bytes than were stored. Look at the health of that log.");
        }
    }
}
