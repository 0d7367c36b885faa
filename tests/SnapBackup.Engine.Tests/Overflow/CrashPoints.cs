namespace SnapBackup.Engine.Tests.Overflow;

/// <summary>
/// Notes what stands on some disks before each of their operations: with all that was written, with only what was flushed, and with the last
/// write torn in its middle. So a device can be opened as if the machine had crashed there.
/// </summary>
internal sealed class CrashPoints
{
    private readonly Lock _lock = new();
    private readonly MemoryBlockDevice[] _disks;
    private readonly byte[][] _flushed;
    private readonly List<byte[][]> _states = [];
    private bool _isOver;

    /// <summary>Begins to note.</summary>
    public CrashPoints(params MemoryBlockDevice[] disks)
    {
        _disks = disks;
        _flushed = Contents();
        foreach (var disk in disks)
            disk.Fault = (operation, _, _) => Note(disk, operation);
    }

    /// <summary>How many moments there are.</summary>
    public int Count => _states.Count;

    /// <summary>Copies of the contents of all disks, in their order, for each moment.</summary>
    public IEnumerable<byte[][]> States => _states.Select(Copy);

    /// <summary>Notes the end, and nothing from then on.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            foreach (var disk in _disks)
                disk.Fault = null;
            Add(Contents());
            _isOver = true;
        }
    }

    private void Note(MemoryBlockDevice disk, string operation)
    {
        if (operation is "read" or "extent")
            return;
        lock (_lock)
        {
            if (_isOver)
                return;
            var now = Contents();
            Add(now);
            for (var i = 0; i < _disks.Length; i++)
            {
                // Growing is durable when it is done.
                if (_flushed[i].Length < now[i].Length)
                    Array.Resize(ref _flushed[i], now[i].Length);
            }

            _states.Add(Copy(_flushed));
            if (operation == "flush")
                _flushed[Array.IndexOf(_disks, disk)] = disk.Content.ToArray();
        }
    }

    private void Add(byte[][] now)
    {
        if (_states.Count > 1 && Torn(_states[^2], now) is { } torn)
            _states.Add(torn);
        _states.Add(now);
    }

    /// <summary>The state in which half of what differs has arrived, cut at a sector.</summary>
    private static byte[][]? Torn(byte[][] before, byte[][] now)
    {
        for (var i = 0; i < now.Length; i++)
        {
            var first = before[i].AsSpan().CommonPrefixLength(now[i]);
            if (before[i].Length != now[i].Length || first == now[i].Length)
                continue;
            var last = now[i].Length - 1;
            while (before[i][last] == now[i][last])
                last--;
            var cut = (first + last) / 2 / 512 * 512;
            byte[][] torn = [.. now];
            torn[i] = [.. now[i][..cut], .. before[i][cut..]];
            return torn;
        }

        return null;
    }

    private static byte[][] Copy(byte[][] contents) => [.. contents.Select(content => content.ToArray())];

    private byte[][] Contents() => [.. _disks.Select(disk => disk.Content.ToArray())];
}
