using SnapBackup.Blocks;
using SnapBackup.Engine.Preservation;
using SnapBackup.Engine.Reading;

namespace SnapBackup.Engine;

/// <summary>The state of the source at the instant it started, readable for as long as it is kept.</summary>
public sealed class Snapshot
{
    private readonly DeviceCore _core;
    private readonly Action<Snapshot> _broken;
    private readonly Epoch _epoch;
    private readonly RequestGate _reads = new();
    private readonly Openers _openers = new();
    private EngineException? _breakCause;
    private int _state = (int)SnapshotState.Active;

    internal Snapshot(DeviceCore core, string name, long epoch, Action<Snapshot> broken)
    {
        _core = core;
        _broken = broken;
        Name = name;
        _epoch = new Epoch(epoch, this);
    }

    /// <summary>Its name, unique on its device.</summary>
    public string Name { get; }

    /// <summary>Its name with the device's: <c>snap0@nightly</c>.</summary>
    public string FullName => $"{_core.Name}@{Name}";

    /// <summary>Whether it is kept, was ended or is broken.</summary>
    public SnapshotState State => (SnapshotState)Volatile.Read(ref _state);

    /// <summary>Why it is broken; null while it is not.</summary>
    public EngineException? BreakCause => State == SnapshotState.Broken ? _breakCause : null;

    /// <summary>How many openers it has.</summary>
    public int OpenCount => _openers.Count;

    /// <summary>How many of its blocks have been preserved, because the source has moved on.</summary>
    public long PreservedBlocks => _epoch.Index.Count;

    internal Epoch Epoch => _epoch;

    /// <summary>Opens it as a read-only device as large as the source. The caller disposes the device.</summary>
    /// <exception cref="EngineException">It was ended or is broken.</exception>
    public IBlockDevice Open()
    {
        ThrowIfNotActive();
        return new SnapshotDevice(new SnapshotReader(_core, this, _epoch.Index, _reads), _openers);
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
    }

    /// <summary>Marks it broken, before the first write that would have made it wrong goes to the source.</summary>
    internal void Break(EngineException cause)
    {
        if (Interlocked.CompareExchange(ref _breakCause, cause, null) is not null
            || Interlocked.CompareExchange(ref _state, (int)SnapshotState.Broken, (int)SnapshotState.Active) != (int)SnapshotState.Active)
        {
            return;
        }

        try
        {
            _broken(this);
        }
        catch (Exception)
        {
            // A handler's failure is its own affair; writers wait for this thread.
        }
    }

    /// <summary>Ends it and waits until no reader is under way, so that its log space can be used again.</summary>
    internal Task EndAsync()
    {
        Interlocked.CompareExchange(ref _state, (int)SnapshotState.Ended, (int)SnapshotState.Active);
        return _reads.ShutAsync(BreakCause ?? Ended());
    }

    private EngineException Ended() => new(EngineError.SnapshotEnded, $"{FullName}: the snapshot was ended; its content is gone.");
}
