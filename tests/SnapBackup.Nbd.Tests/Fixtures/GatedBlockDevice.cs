using System.Collections.Concurrent;
using SnapBackup.Blocks;

namespace SnapBackup.Nbd.Tests;

/// <summary>A disk in memory whose requests begin at once and complete when the test says so, never on the caller's thread.</summary>
internal sealed class GatedBlockDevice(MemoryBlockDevice device) : IBlockDevice
{
    private readonly SemaphoreSlim _begun = new(0);
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was begun, in that order: "write 4096", "read 0"…</summary>
    public ConcurrentQueue<string> Begun { get; } = new();

    /// <summary>Whether requests that wait give up when they are cancelled.</summary>
    public bool HeedsCancellation { get; init; } = true;

    public string Name => device.Name;

    public long Size => device.Size;

    public int SectorSize => device.SectorSize;

    public bool IsReadOnly => device.IsReadOnly;

    public void Open() => _gate.TrySetResult();

    public async Task WaitForBegunAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await _begun.WaitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await PassAsync($"read {offset}", cancellationToken);
        await device.ReadAsync(offset, buffer, cancellationToken);
    }

    public async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
    {
        await PassAsync($"write {offset}", cancellationToken);
        await device.WriteAsync(offset, data, options, cancellationToken);
    }

    public async ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
    {
        await PassAsync($"zero {offset}", cancellationToken);
        await device.WriteZeroesAsync(offset, length, options, cancellationToken);
    }

    public async ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        await PassAsync($"trim {offset}", cancellationToken);
        await device.TrimAsync(offset, length, cancellationToken);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        await PassAsync("flush", cancellationToken);
        await device.FlushAsync(cancellationToken);
    }

    public ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default) =>
        device.GetExtentAsync(offset, length, cancellationToken);

    public ValueTask DisposeAsync() => device.DisposeAsync();

    private async Task PassAsync(string request, CancellationToken cancellationToken)
    {
        Begun.Enqueue(request);
        _begun.Release();
        await _gate.Task.WaitAsync(HeedsCancellation ? cancellationToken : CancellationToken.None);
        await Task.Yield();
    }
}
