using SnapBackup.Blocks;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Preservation;

namespace SnapBackup.Engine;

/// <summary>What the faces of a device share: its storage, its gates and the current epoch.</summary>
internal sealed class DeviceCore
{
    private volatile Epoch? _epoch;
    private volatile bool _isReadOnly;

    public DeviceCore(string name, IBlockDevice source, LogSet logs, int blockSize)
    {
        Name = name;
        Source = source;
        Logs = logs;
        BlockSize = blockSize;
        CopyBeforeWrite = new CopyBeforeWrite(source, logs, blockSize, Counters);
    }

    public string Name { get; }

    public IBlockDevice Source { get; }

    public LogSet Logs { get; }

    public int BlockSize { get; }

    public Counters Counters { get; } = new();

    public CopyBeforeWrite CopyBeforeWrite { get; }

    /// <summary>Everything that changes the source passes here; closed for the moment of a start or end.</summary>
    public RequestGate Writes { get; } = new();

    /// <summary>Everything that does not change the source passes here; closed only by tear-down.</summary>
    public RequestGate Reads { get; } = new();

    /// <summary>Who has the origin open.</summary>
    public Openers OriginOpeners { get; } = new();

    /// <summary>The epoch that first overwrites are preserved in, if a snapshot is kept. Changes only while <see cref="Writes"/> is closed.</summary>
    public Epoch? Epoch
    {
        get => _epoch;
        set => _epoch = value;
    }

    /// <summary>Whether the origin refuses writes.</summary>
    public bool IsReadOnly
    {
        get => _isReadOnly;
        set => _isReadOnly = value;
    }
}
