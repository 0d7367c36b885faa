namespace SnapBackup.Nbd.Buffers;

/// <summary>
/// Replies to send together. Those that lie next to each other in memory go out in one system call. It takes over the
/// slices added and releases them when they were sent.
/// </summary>
internal sealed class ReplyBatch
{
    private readonly List<BufferSlice> _slices = [];

    public bool IsEmpty => _slices.Count == 0;

    /// <summary>How many pieces of memory it would send.</summary>
    public int Pieces => _slices.Count;

    /// <summary>How many bytes it would send.</summary>
    public long Bytes { get; private set; }

    public void Add(BufferSlice reply)
    {
        Bytes += reply.Length;
        if (_slices.Count > 0 && _slices[^1] is var last && last.Buffer == reply.Buffer && last.End == reply.Start)
        {
            // One slice now, so one user: the other's count is given back.
            _slices[^1] = last with { Length = last.Length + reply.Length };
            reply.Release();
        }
        else
        {
            _slices.Add(reply);
        }
    }

    /// <summary>Sends all of it and is empty then, also when sending fails.</summary>
    public void SendTo(ClientStream client)
    {
        try
        {
            foreach (var slice in _slices)
                client.SendAll(slice.Span);
        }
        finally
        {
            Clear();
        }
    }

    /// <summary>Drops what was not sent.</summary>
    public void Clear()
    {
        foreach (var slice in _slices)
            slice.Release();
        _slices.Clear();
        Bytes = 0;
    }
}
