using SnapBackup.Blocks;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Overlay;

/// <summary>
/// Where an overlay keeps its blocks: in slots of private segments, which no stream of versions knows and which are free after a restart.
/// </summary>
/// <remarks>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>A segment is taken only while more than a reserve stays free: an overlay is refused before a snapshot suffers from it.</item>
/// <item>A segment is taken under <see cref="LogSet.Appending"/> and while the snapshot is active. Who ends or breaks the snapshot, or closes the
/// overlay, then releases the segments, under the same lock and after waiting for requests on them; so none is left behind, and none is written to
/// by one who does not have it any more.</item>
/// <item>What is in a slot need not be durable before anything else happens, because no overlay outlives the process.</item>
/// </list>
/// </remarks>
internal sealed class OverlayStore : IDisposable
{
    /// <summary>One of so many segments stays free for what preserves.</summary>
    private const int ReservedShare = 8;

    private readonly DeviceCore _core;
    private readonly Snapshot _snapshot;
    private readonly HashSet<Segment> _segments = [];
    private readonly Queue<OverlaySlot> _free = new();
    private readonly Lock _freeLock = new();
    private readonly SemaphoreSlim _growing = new(1, 1);

    /// <summary>Every request on a segment passes here; shut when they are given back.</summary>
    private readonly RequestGate _requests = new();
    private bool _isReleased;

    public OverlayStore(DeviceCore core, Snapshot snapshot, string name)
    {
        _core = core;
        _snapshot = snapshot;
        Name = name;
    }

    public string Name { get; }

    /// <summary>How many segments must stay free. Asked under <see cref="LogSet.Appending"/>.</summary>
    private int Reserve => (int)(_core.Logs.Logs.Sum(log => log.SegmentCount) / ReservedShare) + 1 + _core.Reclaimer.Reserve;

    /// <summary>Whether it has a segment. Asked under <see cref="LogSet.Appending"/>.</summary>
    public bool Owns(Segment segment) => _segments.Contains(segment);

    /// <summary>Whether a slot can be written to: its log works.</summary>
    public bool IsSound(OverlaySlot slot) => _core.Logs.Logs[slot.Log].IsSound;

    /// <summary>Takes slots, which lie one after the other where that is possible.</summary>
    /// <exception cref="BlockDeviceException"><see cref="BlockDeviceError.NoSpace"/>.</exception>
    /// <exception cref="EngineException">The snapshot is not kept any more, or the device was torn down.</exception>
    public async ValueTask<List<OverlaySlot>> TakeAsync(int count)
    {
        var taken = new List<OverlaySlot>(count);
        try
        {
            while (!TryTake(taken, count))
                await GrowAsync().ConfigureAwait(false);
            return taken;
        }
        catch
        {
            Return(taken);
            throw;
        }
    }

    /// <summary>Gives slots back whose content nobody looks for any more.</summary>
    public void Return(IEnumerable<OverlaySlot> slots)
    {
        lock (_freeLock)
        {
            foreach (var slot in slots)
                _free.Enqueue(slot);
        }
    }

    /// <summary>Lets a request on slots run while they are the overlay's.</summary>
    /// <exception cref="EngineException">The snapshot is not kept any more, or the device was torn down.</exception>
    public async ValueTask UseAsync(Func<ValueTask> request)
    {
        await _core.LogUsers.EnterAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await _requests.EnterAsync(CancellationToken.None).ConfigureAwait(false);
            try
            {
                await request().ConfigureAwait(false);
            }
            finally
            {
                _requests.Leave();
            }
        }
        finally
        {
            _core.LogUsers.Leave();
        }
    }

    /// <summary>Gives all segments back. Runs under <see cref="LogSet.Appending"/>; requests that are waited for here never wait for that.</summary>
    /// <param name="refusal">What later requests fail with.</param>
    public async ValueTask ReleaseAsync(EngineException refusal)
    {
        if (_isReleased)
            return;
        _isReleased = true;
        await _requests.ShutAsync(refusal).ConfigureAwait(false);
        _core.Logs.Release(_segments.Contains);
        _segments.Clear();
    }

    public void Dispose() => _growing.Dispose();

    private bool TryTake(List<OverlaySlot> taken, int count)
    {
        lock (_freeLock)
        {
            while (taken.Count < count && _free.TryDequeue(out var slot))
            {
                if (IsSound(slot))
                    taken.Add(slot);
            }
        }

        return taken.Count == count;
    }

    private async ValueTask GrowAsync()
    {
        await _growing.WaitAsync().ConfigureAwait(false);
        try
        {
            lock (_freeLock)
            {
                if (_free.Count > 0)
                    return; // another request has grown it meanwhile
            }

            Return(SlotsOf(await TakeSegmentAsync().ConfigureAwait(false)));
        }
        finally
        {
            _growing.Release();
        }
    }

    /// <remarks>Passes the gate of writes, because a rollback, which closes it, counts on the room that there is.</remarks>
    private async ValueTask<Segment> TakeSegmentAsync()
    {
        await _core.Writes.EnterAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await _core.Logs.Appending.WaitAsync().ConfigureAwait(false);
            try
            {
                _snapshot.ThrowIfNotActive();
                var segment = await _core.Logs.TakePrivateAsync(_snapshot.Epoch, Reserve).ConfigureAwait(false) ?? throw NoSpace();
                _segments.Add(segment);
                return segment;
            }
            finally
            {
                _core.Logs.Appending.Release();
            }
        }
        finally
        {
            _core.Writes.Leave();
        }
    }

    private IEnumerable<OverlaySlot> SlotsOf(Segment segment)
    {
        for (var at = SegmentHeader.Room; at + _core.BlockSize <= segment.Size; at += _core.BlockSize)
            yield return new OverlaySlot(segment.Log.Number, segment.Offset + at);
    }

    private BlockDeviceException NoSpace() => new(
        BlockDeviceError.NoSpace,
        $"{Name}: the logs have no room for what is written here: {new ByteSize(_core.Logs.Used)} of {new ByteSize(_core.Logs.Capacity)} are in use, and {Reserve} segments are "
        + "kept free to preserve snapshots. Give the device another log, or end snapshots that are not needed.",
        _core.Logs.WhyNoRoom().Failure);
}
