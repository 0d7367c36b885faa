using SnapBackup.Blocks;

namespace SnapBackup.Nbd.Tests;

/// <summary>Exports of devices that outlive the connections; it counts the handles that are open.</summary>
internal sealed class TestExports : INbdExports
{
    private readonly List<(NbdExport Export, Func<IBlockDevice> Open)> _exports = [];
    private readonly Dictionary<(string Export, string Point), NbdChange[]> _changes = [];
    private int _open;

    public TestExports(params IBlockDevice[] devices)
    {
        foreach (var device in devices)
            Add(device.Name, () => device);
    }

    public int OpenHandles => Volatile.Read(ref _open);

    public TestExports Add(string name, Func<IBlockDevice> open)
    {
        _exports.Add((new NbdExport(name, $"description of {name}"), open));
        return this;
    }

    public TestExports AddPoint(string export, string point, params NbdChange[] changes)
    {
        _changes.Add((export, point), changes);
        return this;
    }

    public IReadOnlyList<string>? ListPoints(string export) => !_exports.Exists(entry => entry.Export.Name == export) ? null : [.. _changes.Keys.Where(key => key.Export == export).Select(key => key.Point)];

    public IReadOnlyList<NbdChange> GetChanges(string export, string point) => _changes[(export, point)];

    public IReadOnlyList<NbdExport> List() => [.. _exports.Select(entry => entry.Export)];

    public IBlockDevice? TryOpen(string name)
    {
        var found = _exports.Find(entry => entry.Export.Name == name).Open;
        if (found is null)
            return null;
        var device = found();
        Interlocked.Increment(ref _open);
        return new Lease(device, () => Interlocked.Decrement(ref _open));
    }

    private sealed class Lease(IBlockDevice device, Action onClosed) : IBlockDevice
    {
        public string Name => device.Name;

        public long Size => device.Size;

        public int SectorSize => device.SectorSize;

        public bool IsReadOnly => device.IsReadOnly;

        public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            device.ReadAsync(offset, buffer, cancellationToken);

        public ValueTask WriteAsync(
            long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
            device.WriteAsync(offset, data, options, cancellationToken);

        public ValueTask WriteZeroesAsync(
            long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
            device.WriteZeroesAsync(offset, length, options, cancellationToken);

        public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default) =>
            device.TrimAsync(offset, length, cancellationToken);

        public ValueTask FlushAsync(CancellationToken cancellationToken = default) => device.FlushAsync(cancellationToken);

        public ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default) =>
            device.GetExtentAsync(offset, length, cancellationToken);

        public ValueTask DisposeAsync()
        {
            onClosed();
            return ValueTask.CompletedTask;
        }
    }
}
