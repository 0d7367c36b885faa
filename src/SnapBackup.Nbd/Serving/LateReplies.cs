using SnapBackup.Nbd.Buffers;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>
/// The requests of a connection that the device did not complete at once: it counts them, which gives the bound, and
/// sends their replies from a thread of its own, so that a client that does not read holds up no thread of the pool.
/// </summary>
/// <remarks>What piled up while one batch was being sent goes out as the next one.</remarks>
internal sealed class LateReplies : IDisposable
{
    private readonly ReplySocket _socket;
    private readonly Thread _sender;

    /// <summary>Guards all fields below; waited on for room, for the last reply and, by the sender, for work. Innermost.</summary>
    private readonly object _gate = new();

    private readonly Stack<PendingRequest> _idle = new();
    private ReplyBatch _queue = new();
    private ReplyBatch _spare = new();
    private int _queuedRequests;
    private long _queuedBytes;
    private int _requests;
    private long _bytes;
    private bool _isClosed;

    public LateReplies(ReplySocket socket, ReplyFormat format, string name)
    {
        _socket = socket;
        Format = format;
        _sender = new Thread(SendAll) { IsBackground = true, Name = name };
        _sender.Start();
    }

    public ReplyFormat Format { get; }

    /// <summary>Whether the next request would find room.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
                return HasRoomNow;
        }
    }

    private bool HasRoomNow => _requests < NbdLimits.MaxRequestsInFlight && _bytes < NbdLimits.MaxBytesInFlight;

    /// <summary>Takes over a request under way; its reply is sent when the device is done.</summary>
    /// <inheritdoc cref="PendingRequest.Await"/>
    public void Await(in ValueTask operation, in Request request, BufferSlice reply, PooledBuffer? payload, long bytes)
    {
        PendingRequest? pending;
        lock (_gate)
        {
            _requests++;
            _bytes += bytes;
            _idle.TryPop(out pending);
        }

        (pending ?? new PendingRequest(this)).Await(operation, request, reply, payload, bytes);
    }

    /// <summary>Called by a request, on whatever thread completed it; does not block.</summary>
    public void Complete(PendingRequest request, BufferSlice reply)
    {
        lock (_gate)
        {
            _queue.Add(reply);
            _queuedRequests++;
            _queuedBytes += request.Bytes;
            _idle.Push(request);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until a request may be begun.</summary>
    public void WaitForRoom()
    {
        lock (_gate)
        {
            while (!HasRoomNow)
                Monitor.Wait(_gate);
        }
    }

    /// <summary>Waits until the device has finished every request and the replies are sent or dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            while (_requests > 0)
                Monitor.Wait(_gate);
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }

        _sender.Join();
    }

    private void SendAll()
    {
        while (TakeQueue(out var batch, out var requests, out var bytes))
        {
            _socket.Send(batch);
            lock (_gate)
            {
                _requests -= requests;
                _bytes -= bytes;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private bool TakeQueue(out ReplyBatch batch, out int requests, out long bytes)
    {
        lock (_gate)
        {
            while (_queue.IsEmpty && !_isClosed)
                Monitor.Wait(_gate);
            (batch, requests, bytes) = (_queue, _queuedRequests, _queuedBytes);
            (_queue, _spare) = (_spare, _queue);
            (_queuedRequests, _queuedBytes) = (0, 0);
            return !batch.IsEmpty;
        }
    }
}
