using SnapBackup.Blocks;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Overlay;
using SnapBackup.Engine.Reading;

namespace SnapBackup.Engine;

/// <summary>The state of the source at the instant it started, readable for as long as it is kept.</summary>
public sealed class Snapshot
{
    private readonly DeviceCore _core;
    private readonly RequestGate _reads = new();
    private readonly Openers _openers = new();
    private EngineException? _breakCause;
    private int _state = (int)SnapshotState.Active;
    private volatile bool _isUnconfirmed;

    internal Snapshot(DeviceCore core, CatalogPoint point)
    {
        _core = core;
        Name = point.Name;
        Id = point.Id;
        Epoch = point.Epoch;
        StartedAt = point.StartedAt;
        Group = point.Group;
        _isUnconfirmed = point.IsUnconfirmed;
        if (point.BreakReason != BreakReason.None)
            Break(BrokenBefore(point.BreakReason));
    }

    /// <summary>Its name, unique on its device.</summary>
    public string Name { get; }

    /// <summary>Its identity: no other snapshot of any device has it, also when the name is used again.</summary>
    public Guid Id { get; }

    /// <summary>
    /// The group it was started in together with snapshots of other devices (<see cref="SnapDeviceGroup"/>), which have the same;
    /// <see cref="Guid.Empty"/> for none.
    /// </summary>
    public Guid Group { get; }

    /// <summary>
    /// Whether a crash came while its group was started, and it is not known yet whether all devices of the group have it. It cannot be opened until
    /// the others are open too (<see cref="SnapDeviceGroup.ResolveAsync"/>).
    /// </summary>
    public bool IsUnconfirmed => _isUnconfirmed;

    /// <summary>When it started, in UTC: the moment at which no write was under way, by the clock of the device that started it.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Its name with the device's: <c>snap0@nightly</c>.</summary>
    public string FullName => $"{_core.Name}@{Name}";

    /// <summary>Whether it is kept, was ended or is broken.</summary>
    public SnapshotState State => (SnapshotState)Volatile.Read(ref _state);

    /// <summary>Why it is broken; null while it is not.</summary>
    public EngineException? BreakCause => State == SnapshotState.Broken ? _breakCause : null;

    /// <summary>How many openers it has.</summary>
    public int OpenCount => _openers.Count;

    /// <summary>
    /// How many blocks of it are preserved, because the source has moved on; each counts once, however many newer snapshots have a version of it. They
    /// are counted when this is asked for.
    /// </summary>
    public long PreservedBlocks => State == SnapshotState.Active ? _core.History.CountBlocksSince(Epoch) : 0;

    /// <summary>The epoch that it opened.</summary>
    internal long Epoch { get; }

    /// <summary>The overlays that are open over it.</summary>
    internal OverlaySet Overlays { get; } = new();

    /// <summary>Opens it as a read-only device as large as the source. The caller disposes the device.</summary>
    /// <exception cref="EngineException">It was ended, is broken or not confirmed.</exception>
    public IBlockDevice Open()
    {
        ThrowIfNotActive();
        return new SnapshotDevice(new SnapshotReader(_core, this, _reads), _openers);
    }

    /// <summary>
    /// Opens it as a writable device as large as the source. What is written goes to the logs and is private to this handle: neither the snapshot, the
    /// source nor another handle sees it, and it is gone when the device is disposed or the process ends. The caller disposes the device.
    /// </summary>
    /// <remarks>
    /// The logs are there to preserve, so an overlay gets only what is more than a part of them that is kept free: beyond that writes fail with
    /// <see cref="BlockDeviceError.NoSpace"/>. When the snapshot ends or breaks, requests fail as reads of it do.
    /// </remarks>
    /// <exception cref="EngineException">It was ended or is broken.</exception>
    public IBlockDevice OpenWritable()
    {
        ThrowIfNotActive();
        return new OverlayDevice(_core, this, new SnapshotReader(_core, this, _reads), _openers);
    }

    internal void ThrowIfNotActive()
    {
        switch (State)
        {
            case SnapshotState.Ended:
                throw Ended();
            case SnapshotState.Broken:
                throw new EngineException(EngineError.SnapshotBroken, _breakCause!.Message, _breakCause);
        }

        if (_isUnconfirmed)
        {
            throw new EngineException(
                EngineError.GroupUnconfirmed,
                $"{FullName}: a crash came while it was started in the group {Group}, and it is not known yet whether all devices of the group have it. Open the "
                + "other devices of the group, or end it.");
        }
    }

    /// <summary>Takes note that all devices of its group have it.</summary>
    internal void Confirm() => _isUnconfirmed = false;

    /// <summary>Marks it broken, before the first write that would have made it wrong goes to the source.</summary>
    /// <returns>Whether it was not before.</returns>
    internal bool Break(EngineException cause) =>
        Interlocked.CompareExchange(ref _breakCause, cause, null) is null
        && Interlocked.CompareExchange(ref _state, (int)SnapshotState.Broken, (int)SnapshotState.Active) == (int)SnapshotState.Active;

    /// <summary>Ends it and waits until no reader is under way, so that its log space and that of its overlays can be used again.</summary>
    internal async Task EndAsync()
    {
        Interlocked.CompareExchange(ref _state, (int)SnapshotState.Ended, (int)SnapshotState.Active);
        await _reads.ShutAsync(BreakCause ?? Ended()).ConfigureAwait(false);
        await _core.Logs.Appending.WaitAsync().ConfigureAwait(false);
        try
        {
            await Overlays.ReleaseAsync(BreakCause ?? Ended()).ConfigureAwait(false);
        }
        finally
        {
            _core.Logs.Appending.Release();
        }
    }

    /// <summary>Turns readers away because the device is let go, while the snapshot itself stays as it is.</summary>
    internal Task DetachAsync(EngineException refusal) => _reads.ShutAsync(refusal);

    private EngineException Ended() => new(EngineError.SnapshotEnded, $"{FullName}: the snapshot was ended; its content is gone.");

    private EngineException BrokenBefore(BreakReason reason)
    {
        var cause = reason switch
        {
            BreakReason.LogFull => "its logs were full",
            BreakReason.LogFailed => "a log failed",
            BreakReason.LogDamaged => "a log lost what was stored on it",
            BreakReason.SourceChanged => "the source was written while it was not attached",
            BreakReason.Volatile => "its log was volatile, so it did not survive that the device was let go",
            _ => "of a failure that was not foreseen",
        };
        return new EngineException(
            EngineError.SnapshotBroken, $"{FullName}: the snapshot could not be kept and its content is gone, because {cause}. End it and start a new one.");
    }
}
