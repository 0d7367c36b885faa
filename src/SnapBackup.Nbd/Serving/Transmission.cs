using SnapBackup.Blocks;
using SnapBackup.Nbd.Buffers;
using SnapBackup.Nbd.Negotiation;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>
/// The transmission phase of one connection, on the connection's own thread.
/// </summary>
/// <remarks>
/// Every request that is complete in the receive buffer is begun before anything is sent or received: the writes of
/// one receive so reach the device together and can share one commit. What the device completes at once is served
/// without a switch of threads, and the replies go out together; what it does not, <see cref="LateReplies"/> answers.
/// Replies may overtake each other, as the protocol allows.
/// </remarks>
internal sealed class Transmission : IDisposable
{
    /// <summary>Ready replies of so many bytes are sent without waiting for the end of the batch.</summary>
    private const int SendThreshold = ReplyArena.Capacity;

    /// <summary>So are ready replies in so many pieces: each error takes a buffer of its own.</summary>
    private const int MaxPieces = 64;

    private readonly ReceiveBuffer _input;
    private readonly ReplySocket _output;
    private readonly NegotiatedExport _export;
    private readonly IBlockDevice _device;
    private readonly ReplyFormat _format;
    private readonly CancellationToken _abort;
    private readonly ReplyArena _arena = new();
    private readonly ReplyBatch _ready = new();
    private readonly LateReplies _late;
    private readonly CancellationToken _stopping;
    private bool _isDone;

    /// <summary>Prepares the transmission; the device stays the caller's.</summary>
    /// <param name="client">The client's bytes.</param>
    /// <param name="input">What was received and will be.</param>
    /// <param name="export">What was negotiated.</param>
    /// <param name="name">The connection, for its threads.</param>
    /// <param name="stopping">From then on requests are answered ESHUTDOWN.</param>
    /// <param name="abort">Makes the device give up waiting.</param>
    public Transmission(
        ClientStream client, ReceiveBuffer input, NegotiatedExport export, string name, CancellationToken stopping, CancellationToken abort)
    {
        _input = input;
        _output = new ReplySocket(client);
        _export = export;
        _device = export.Device;
        _format = new ReplyFormat(export.Form);
        _stopping = stopping;
        _abort = abort;
        _late = new LateReplies(_output, _format, name + " replies");
    }

    /// <summary>Serves until the client takes leave or goes away.</summary>
    /// <exception cref="NbdException"><see cref="NbdError.ProtocolViolation"/>: what came is not a request.</exception>
    /// <exception cref="EndOfStreamException">The client went away in the middle of a request.</exception>
    public void Run()
    {
        while (true)
        {
            var needed = BeginBuffered();
            SendReady();
            if (_isDone || !_input.Receive(needed))
                return;
        }
    }

    /// <summary>Waits until the device holds none of the buffers and every reply is sent.</summary>
    public void Dispose()
    {
        SendReady();
        _late.Dispose();
        _arena.Dispose();
    }

    /// <summary>Begins every request that is there.</summary>
    /// <returns>How many bytes the next one needs to have in one piece.</returns>
    private int BeginBuffered()
    {
        while (_input.Count >= _format.RequestSize)
        {
            var request = ReadHeader();
            if (request.Command == Command.Disconnect)
            {
                _isDone = true;
                break;
            }

            var size = (ulong)_format.RequestSize + request.PayloadLength;
            if (Refuse(request) is { } refusal)
                Reject(request, refusal);
            else if (request.Command == Command.BlockStatus)
                AnswerStatus(request);
            else if (size > ReceiveBuffer.Capacity)
                BeginLargeWrite(request);
            else if ((ulong)_input.Count >= size)
                BeginInPlace(request);
            else
                return (int)size;
        }

        return _format.RequestSize;
    }

    private Request ReadHeader()
    {
        if (!_format.TryReadRequest(_input.Unread, out var request))
        {
            throw new NbdException(
                NbdError.ProtocolViolation, $"NBD client of {_device.Name}: a request did not begin with its magic. The connection was closed.");
        }

        if (request.PayloadLength > NbdLimits.MaxSkippedPayload)
        {
            throw new NbdException(
                NbdError.ProtocolViolation,
                $"NBD client of {_device.Name}: a request announced {request.PayloadLength} bytes of payload. The connection was closed.");
        }

        return request;
    }

    private Refusal? Refuse(in Request request) => _stopping.IsCancellationRequested
        ? new Refusal(NbdErrno.ESHUTDOWN, "The server is stopping.")
        : RequestCheck.Refuse(request, _export);

    /// <summary>Answers with the error once the payload is out of the way, so that the stream stays in step.</summary>
    private void Reject(in Request request, Refusal refusal)
    {
        _input.Consume(_format.RequestSize);
        if ((ulong)_input.Count < request.PayloadLength)
            SendReady();
        _input.Skip((long)request.PayloadLength);
        Answer(_format.Error(request, refusal.Error, refusal.Message));
    }

    private void BeginInPlace(in Request request)
    {
        var payload = _input.Peek(_format.RequestSize, (int)request.PayloadLength);
        Begin(request, payload);
        _input.Consume(_format.RequestSize + payload.Length);
    }

    private void AnswerStatus(in Request request)
    {
        _input.Consume(_format.RequestSize);
        BufferSlice reply;
        try
        {
            reply = _format.Status(request, StatusQuery.Run(_export.Contexts, request, _abort));
        }
        catch (Exception exception)
        {
            reply = _format.Error(request, ErrnoMap.Of(exception), exception.Message);
        }

        Answer(reply);
    }

    /// <summary>A payload that would not fit in the receive buffer is received into a buffer of its own.</summary>
    private void BeginLargeWrite(in Request request)
    {
        SendReady();
        _late.WaitForRoom();
        _input.Consume(_format.RequestSize);
        var buffer = PooledBuffer.Rent((int)request.Length);
        var payload = new BufferSlice(buffer, 0, (int)request.Length);
        try
        {
            _input.ReadExactly(payload.Span);
            Begin(request, payload);
        }
        finally
        {
            buffer.Release();
        }
    }

    /// <summary>Begins a checked request. Its payload is the caller's again when this returns, unless retained here.</summary>
    private void Begin(in Request request, BufferSlice payload)
    {
        if (!_late.HasRoom)
        {
            SendReady();
            _late.WaitForRoom();
        }

        var reply = Reserve(_format.SuccessSize(request));
        _format.WriteSuccess(reply.Span, request);
        bool isDone;
        try
        {
            isDone = TakeResult(
                DeviceCall.Start(_device, request, payload.Memory, _format.DataOf(reply, request), _abort), request, payload, reply);
        }
        catch (Exception exception)
        {
            reply.Release();
            Answer(_format.Error(request, ErrnoMap.Of(exception), exception.Message));
            return;
        }

        if (isDone)
            Answer(reply);
    }

    /// <summary>Throws what the device reports, if it is done; else leaves the rest of the request to <see cref="LateReplies"/>.</summary>
    private bool TakeResult(in ValueTask operation, in Request request, BufferSlice payload, BufferSlice reply)
    {
        if (operation.IsCompleted)
        {
            operation.GetAwaiter().GetResult();
            return true;
        }

        // Only a payload is still needed by the device; a request without one leaves the receive buffer free.
        var held = payload.Length > 0 ? payload.Buffer : null;
        held?.Retain();
        _late.Await(operation, request, reply, held, payload.Length + reply.Length);
        return false;
    }

    private BufferSlice Reserve(int size)
    {
        if (_arena.TryReserve(size) is { } slice)
            return slice;
        SendReady();
        return _arena.Reserve(size);
    }

    private void Answer(BufferSlice reply)
    {
        _ready.Add(reply);
        if (_ready.Bytes >= SendThreshold || _ready.Pieces >= MaxPieces)
            SendReady();
    }

    private void SendReady()
    {
        if (!_ready.IsEmpty)
            _output.Send(_ready);
    }
}
