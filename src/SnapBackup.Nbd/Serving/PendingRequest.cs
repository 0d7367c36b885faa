using System.Runtime.CompilerServices;

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
    private BegunRequest _begun;

    public PendingRequest(LateReplies owner)
    {
        _owner = owner;
        _onCompleted = Complete;
    }

    /// <summary>How many bytes of payload or data it keeps in memory.</summary>
    public long Bytes => _begun.Bytes;

    /// <summary>Waits for the device, then hands the reply to the owner.</summary>
    /// <param name="begun">The request; taken over.</param>
    public void Await(in BegunRequest begun)
    {
        _begun = begun;
        _operation = begun.Operation.ConfigureAwait(false).GetAwaiter();
        _operation.UnsafeOnCompleted(_onCompleted);
    }

    private void Complete()
    {
        var reply = _begun.Reply;
        try
        {
            _operation.GetResult();
        }
        catch (Exception exception)
        {
            reply.Release();
            reply = _owner.Format.Error(_begun.Request, ErrnoMap.Of(exception), exception.Message);
        }

        _begun.Payload?.Release();
        _operation = default;
        _begun = new BegunRequest { Bytes = Bytes };
        _owner.Complete(this, reply);
    }
}
