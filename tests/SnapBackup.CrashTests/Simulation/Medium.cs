using System.Runtime.CompilerServices;

namespace SnapBackup.CrashTests.Simulation;

/// <summary>
/// A disk with a volatile write cache, as the events of a trace change it: what is durable, and what a power cut may
/// make of the rest.
/// </summary>
/// <remarks>
/// The fault model. A disk of this kind
/// <list type="number">
/// <item><b>forgets</b>: a write, write-zeroes or trim is durable when it was done with FUA and has ended, or when a flush has
/// ended that began after the write had ended. Anything else may be lost, however long ago it was;</item>
/// <item><b>tears</b>: a sector of 512 bytes is stored wholly or not at all, but each sector of an operation on its own;</item>
/// <item><b>reorders</b>: of what is not durable every sector of every operation survives or not, whatever became
/// of the others on this disk or another. Of several writes of one sector any may be the last that survives, also one that
/// had been overwritten since;</item>
/// <item><b>starts early</b>: an operation that has begun and not ended may have reached the medium, in part or wholly;</item>
/// <item><b>grows</b> durably: when that has ended it is larger, before either;</item>
/// <item><b>is honest otherwise</b>: what is durable stays as it is, and nothing is stored anywhere else than where it was
/// written. Rotten sectors, failing requests and lying flushes are other tests' affair.</item>
/// </list>
/// All disks of a machine lose power in the same instant.
/// </remarks>
internal sealed class Medium(DiskImage content)
{
    private readonly DiskImage _durable = content.Copy();
    private readonly Dictionary<int, List<PendingSector>> _pending = [];
    private DiskOperation? _growing;

    /// <summary>What a read returns now.</summary>
    public DiskImage Newest { get; } = content.Copy();

    /// <summary>An operation reaches the disk's cache.</summary>
    public void Begin(DiskOperation operation)
    {
        if (operation.Kind == DiskOperationKind.Grow)
            _growing = operation;
        Newest.Write(operation.Offset, operation.Data.Span);
        for (var i = 0; i < operation.SectorCount; i++)
        {
            var sector = operation.FirstSector + i;
            if (!_pending.TryGetValue(sector, out var versions))
                _pending.Add(sector, versions = []);
            versions.Add(new PendingSector(operation, sector, Newest[sector]));
        }
    }

    /// <summary>An operation ends: a flush makes durable what had ended before it began, an FUA write and a growth themselves.</summary>
    public void End(DiskOperation operation)
    {
        if (operation.Kind == DiskOperationKind.Grow)
            EndGrowing(operation);
        else if (operation.Kind == DiskOperationKind.Flush)
            Settle([.. _pending.Keys], pending => pending.Operation.EndedAt < operation.BeganAt);
        else if (operation.ForceUnitAccess)
            Settle(Enumerable.Range(operation.FirstSector, operation.SectorCount), pending => pending.Operation == operation);
    }

    /// <summary>Whether a sector may hold something after a power cut now.</summary>
    public bool MayHold(int sector, byte[] content) =>
        _durable.SectorEquals(sector, content)
        || (_pending.TryGetValue(sector, out var versions)
            && versions.Any(version => version.Content.AsSpan().SequenceEqual(content)));

    /// <summary>The disk after a power cut now.</summary>
    /// <param name="survives">Says of each pending sector whether it reached the medium; of several the last that did counts.</param>
    public DiskImage After(Func<PendingSector, bool> survives)
    {
        var image = _durable.Copy();
        if (_growing is not null && survives(new PendingSector(_growing, image.SectorCount, [])))
            image.Grow(_growing.Offset);
        foreach (var (sector, versions) in _pending)
            image[sector] = Survivor(sector, versions, survives);
        return image;
    }

    /// <summary>Adds to a hash what tells <see cref="After"/> of one pattern from that of another.</summary>
    public void AddTo(ref HashCode hash, Func<PendingSector, bool> survives)
    {
        hash.Add(_growing is not null && survives(new PendingSector(_growing, _durable.SectorCount, [])));
        foreach (var (sector, versions) in _pending)
            hash.Add(RuntimeHelpers.GetHashCode(Survivor(sector, versions, survives)));
    }

    private void EndGrowing(DiskOperation operation)
    {
        Newest.Grow(operation.Offset);
        _durable.Grow(operation.Offset);
        _growing = null;
    }

    private byte[] Survivor(int sector, List<PendingSector> versions, Func<PendingSector, bool> survives)
    {
        var last = versions.FindLastIndex(version => survives(version));
        return last < 0 ? _durable[sector] : versions[last].Content;
    }

    private void Settle(IEnumerable<int> sectors, Func<PendingSector, bool> isCovered)
    {
        foreach (var sector in sectors)
        {
            if (!_pending.TryGetValue(sector, out var versions))
                continue;
            var last = versions.FindLastIndex(version => isCovered(version));
            if (last < 0)
                continue;
            _durable[sector] = versions[last].Content;
            versions.RemoveRange(0, last + 1);
            if (versions.Count == 0)
                _pending.Remove(sector);
        }
    }
}
