namespace SnapBackup.Engine.Tests;

/// <summary>
/// Cuts the power before every request that changes a disk, in a copy: what was flushed is there, and of what was not, any sectors may be.
/// </summary>
/// <remarks>
/// The devices must be flushed when watching begins. Each moment is tried with all that was written, with only what was flushed, and with
/// every unflushed sector there or not by chance.
/// </remarks>
internal sealed class PowerCuts
{
    private const int Sector = 512;

    private readonly MemoryBlockDevice[] _devices;
    private readonly byte[][] _durable;
    private readonly Random _chance = new(1);
    private readonly Func<byte[][], Task> _afterwards;
    private readonly List<Exception> _failures = [];
    private readonly Lock _one = new();

    /// <summary>Watches devices until it is told to stop.</summary>
    /// <param name="devices">The devices.</param>
    /// <param name="afterwards">Is given what each cut has left of each device.</param>
    public PowerCuts(IEnumerable<MemoryBlockDevice> devices, Func<byte[][], Task> afterwards)
    {
        _devices = [.. devices];
        _durable = [.. _devices.Select(device => device.Content.ToArray())];
        _afterwards = afterwards;
        for (var i = 0; i < _devices.Length; i++)
        {
            var index = i;
            _devices[i].Fault = (operation, _, _) => Cut(index, operation);
        }
    }

    /// <summary>How often the power was cut.</summary>
    public int Count { get; private set; }

    /// <summary>Stops watching, and fails if anything that was tried afterwards has failed.</summary>
    public void Stop()
    {
        foreach (var device in _devices)
            device.Fault = null;
        if (_failures.Count > 0)
            throw new AggregateException($"{_failures.Count} of {Count} power cuts", _failures);
    }

    private void Cut(int device, string operation)
    {
        if (operation is "read" or "extent")
            return;
        lock (_one)
        {
            foreach (var survives in new Func<bool>[] { () => true, () => false, () => _chance.Next(2) == 0 })
            {
                var left = _devices.Select((each, i) => Left(each.Content, _durable[i], survives)).ToArray();
                Task.Run(() => TryAsync(left)).GetAwaiter().GetResult();
                Count++;
            }

            if (operation == "flush")
                _durable[device] = _devices[device].Content.ToArray();
        }
    }

    /// <summary>A failure is kept until the end: thrown here it would be taken for one of the device's.</summary>
    private async Task TryAsync(byte[][] left)
    {
        try
        {
            await _afterwards(left);
        }
        catch (Exception failure)
        {
            _failures.Add(failure);
        }
    }

    private static byte[] Left(byte[] written, byte[] durable, Func<bool> survives)
    {
        var left = durable.ToArray();
        for (var at = 0; at < left.Length; at += Sector)
        {
            var length = Math.Min(Sector, left.Length - at);
            if (!written.AsSpan(at, length).SequenceEqual(durable.AsSpan(at, length)) && survives())
                written.AsSpan(at, length).CopyTo(left.AsSpan(at));
        }

        return left;
    }
}
