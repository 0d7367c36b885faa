using SnapBackup.Blocks;

namespace SnapBackup.Testing;

/// <summary>
/// A disk whose requests never complete at once, but on another thread: what a device on a slow medium does. It notes what
/// began and what ended, in order, and with which options.
/// </summary>
public sealed class LateBlockDevice(MemoryBlockDevice inner) : IBlockDevice
{
    /// <summary>Where events are noted; share one list to see the order between devices.</summary>
    public List<string> Events { get; init; } = [];

    public string Name => inner.Name;

    public long Size => inner.Size;

    public int SectorSize => inner.SectorSize;

    public bool IsReadOnly => inner.IsReadOnly;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        RunAsync("read", () => inner.ReadAsync(offset, buffer, cancellationToken));

    public ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        RunAsync(Describe("write", options), () => inner.WriteAsync(offset, data, options, cancellationToken));

    public ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        RunAsync(Describe("zero", options), () => inner.WriteZeroesAsync(offset, length, options, cancellationToken));

    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default) =>
        RunAsync("trim", () => inner.TrimAsync(offset, length, cancellationToken));

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        RunAsync("flush", () => inner.FlushAsync(cancellationToken));

    public async ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        return await inner.GetExtentAsync(offset, length, cancellationToken);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static string Describe(string operation, WriteOptions options) =>
        options == WriteOptions.None ? operation : $"{operation} ({options})";

    private async ValueTask RunAsync(string operation, Func<ValueTask> run)
    {
        Note($"{Name} {operation}");
        await Task.Yield();
        await run();
        Note($"{Name} {operation} done");
    }

    private void Note(string what)
    {
        lock (Events)
            Events.Add(what);
    }
}
