using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Epochs;

/// <summary>What a writer must know of the current epoch: what is still to be recorded before it may write. A value.</summary>
internal sealed class WriterView
{
    private readonly EpochIndex[] _covering;
    private readonly int _blocksPerRegion;

    /// <summary>Makes the view.</summary>
    /// <param name="current">The epoch that is recorded in.</param>
    /// <param name="covering">Where the newest snapshot's versions are: those of the epochs since it. None when no snapshot is kept.</param>
    /// <param name="tracks">Whether changes are recorded.</param>
    /// <param name="blocksPerRegion">How many blocks a region of the change map has.</param>
    public WriterView(Epoch current, EpochIndex[] covering, bool tracks, int blocksPerRegion)
    {
        Current = current;
        _covering = covering;
        _blocksPerRegion = blocksPerRegion;
        Tracks = tracks;
    }

    public Epoch Current { get; }

    /// <summary>Whether a snapshot is kept, so that old blocks are preserved.</summary>
    public bool Preserves => _covering.Length > 0;

    public bool Tracks { get; }

    /// <summary>Whether nothing is left to be recorded before a range of blocks may be written.</summary>
    public bool MayWrite(long firstBlock, long lastBlock)
    {
        if (Tracks && !Current.Changes.ContainsAll(firstBlock / _blocksPerRegion, lastBlock / _blocksPerRegion))
            return false;
        if (_covering.Length == 1)
            return _covering[0].ContainsAll(firstBlock, lastBlock);
        for (var block = firstBlock; Preserves && block <= lastBlock; block++)
        {
            if (NeedsVersion(block))
                return false;
        }

        return true;
    }

    /// <summary>Whether what a block holds must be preserved before it is written.</summary>
    public bool NeedsVersion(long block)
    {
        foreach (var index in _covering)
        {
            if (index.Contains(block))
                return false;
        }

        return Preserves;
    }

    /// <summary>Whether that a region changes must be recorded before it is written.</summary>
    public bool NeedsChange(long region) => Tracks && !Current.Changes.Contains(region);

    /// <summary>The region of the change map that a block lies in.</summary>
    public long RegionOf(long block) => block / _blocksPerRegion;

    /// <summary>The block that a region starts with.</summary>
    public long FirstBlockOf(long region) => region * _blocksPerRegion;
}
