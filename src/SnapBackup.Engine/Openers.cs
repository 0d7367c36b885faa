namespace SnapBackup.Engine;

/// <summary>Counts the open handles of a device, as the tear-down rule needs it.</summary>
internal sealed class Openers
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);

    public void Remove() => Interlocked.Decrement(ref _count);
}
