using System.Runtime.CompilerServices;
using SnapBackup.Nbd.Buffers;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>
/// A request that the device did not complete at once, and the reply it will have. Instances are used again, so that
/// waiting allocates nothing.
/// </summary>
internal sealed class PendingRequest
{
    private readonly LateReplies _owner;
    private readonly Action _onCompleted;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _operation;
    private BufferSlice _reply;
    private PooledBuffer? _payload;
    private Request _request;

    public PendingRequest(LateReplies owner)
    {
        _owner = owner;
        _onCompleted = Complete;
    }

    /// <summary>How many bytes of payload or data it keeps in memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>Waits for the device, then hands the reply to the owner.</summary>
    /// <param name="operation">What the device is doing.</param>
    /// <param name="request">The request.</param>
    /// <param name="reply">The reply if it succeeds; taken over.</param>
    /// <param name="payload">What holds the bytes being written; taken over.</param>
    /// <param name="bytes">How many bytes are kept meanwhile.</param>
    public void Await(in ValueTask operation, in Request request, BufferSlice reply, PooledBuffer? payload, long bytes)
    {
        (_request, _reply, _payload, Bytes) = (request, reply, payload, bytes);
        _operation = operation.ConfigureAwait(false).GetAwaiter();
        _operation.UnsafeOnCompleted(_onCompleted);
    }

    private void Complete()
    {
        var reply = _reply;
        try
        {
            _operation.GetResult();
        }
        catch (Exception exception)
        {
            reply.Release();
            reply = _owner.Format.Error(_request, ErrnoMap.Of(exception), exception.Message);
        }

        _payload?.Release();
        (_operation, _reply, _payload) = (default, default, null);
        _owner.Complete(this, reply);
    }
}
