using System.Buffers.Binary;
using SnapBackup.Blocks;
using SnapBackup.Nbd.Buffers;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Negotiation;

/// <summary>
/// The negotiation of one connection: hello, flags, then options until one of them (GO, EXPORT_NAME) begins the
/// transmission or ends the connection.
/// </summary>
/// <remarks>
/// Every option is consumed whole, whatever becomes of it, so that the next one is found. EXPORT_NAME cannot be
/// answered with an error; the connection ends instead. How long it takes altogether is the connection's to limit.
/// </remarks>
internal sealed class Handshake(ClientStream client, ReceiveBuffer input, ExportCatalog exports, NbdTls? tls)
{
    private readonly MetaContexts _contexts = new(exports);
    private bool _sendsPadding = true;
    private ReplyForm _form;

    /// <summary>Negotiates to the end.</summary>
    /// <returns>The export, whose device the caller disposes; null when the client took leave.</returns>
    /// <exception cref="SnapBackupException">The client broke the protocol, or asked by EXPORT_NAME for what cannot be opened.</exception>
    /// <exception cref="EndOfStreamException">The client went away.</exception>
    public NegotiatedExport? Run()
    {
        Greet();
        while (true)
        {
            if (!OptionHeader.TryRead(input.Require(OptionHeader.Size), out var header))
                throw Violation("an option did not begin with IHAVEOPT");
            input.Consume(OptionHeader.Size);
            var replies = new OptionReplies(header.Option);
            if (header.Length > NbdLimits.MaxOptionLength)
            {
                RefuseLength(header, replies);
                continue;
            }

            var data = input.Require((int)header.Length);
            input.Consume(data.Length);
            if (MustBeSecured && header.Option is not (Option.StartTls or Option.Abort))
            {
                DemandTls(header.Option, replies);
                continue;
            }

            switch (header.Option)
            {
                case Option.StartTls:
                    StartTls(data, replies);
                    break;
                case Option.ExportName:
                    return EnterByName(data);
                case Option.Go:
                    if (Go(data, replies) is { } export)
                        return export;
                    break;
                default:
                    Answer(header.Option, data, replies);
                    replies.SendTo(client);
                    if (header.Option == Option.Abort)
                        return null;
                    break;
            }
        }
    }

    private void Greet()
    {
        Span<byte> hello = stackalloc byte[ServerHello.Size];
        new ServerHello(HandshakeFlags.FixedNewstyle | HandshakeFlags.NoZeroes).Write(hello);
        client.SendAll(hello);
        var flags = (ClientFlags)BinaryPrimitives.ReadUInt32BigEndian(input.Require(sizeof(ClientFlags)));
        input.Consume(sizeof(ClientFlags));
        if ((flags & ~(ClientFlags.FixedNewstyle | ClientFlags.NoZeroes)) != ClientFlags.None)
            throw Violation($"it set client flags 0x{(uint)flags:x}, not all of which were offered");
        _sendsPadding = !flags.HasFlag(ClientFlags.NoZeroes);
    }

    private void RefuseLength(OptionHeader header, OptionReplies replies)
    {
        if (header.Option == Option.ExportName)
            throw Violation($"it asked for an export by a name of {header.Length} bytes; {NbdLimits.MaxNameLength} are allowed");
        input.Skip(header.Length);
        replies.AddError(
            OptionReplyType.ErrorTooBig, $"The option carries {header.Length} bytes; {NbdLimits.MaxOptionLength} are allowed.");
        replies.SendTo(client);
    }

    /// <summary>The options that leave the negotiation where it is, and the farewell.</summary>
    private void Answer(Option option, ReadOnlySpan<byte> data, OptionReplies replies)
    {
        switch (option)
        {
            case Option.Abort:
                replies.Add(OptionReplyType.Ack);
                break;
            case Option.Info:
                if (TryInform(data, replies) is { } export)
                    export.Device.Close();
                break;
            case Option.List or Option.StructuredReply or Option.ExtendedHeaders when data.Length > 0:
                replies.AddError(OptionReplyType.ErrorInvalid, "The option carries no data.");
                break;
            case Option.List:
                foreach (var listed in exports.List())
                    replies.AddServer(listed);
                replies.Add(OptionReplyType.Ack);
                break;
            case Option.StructuredReply when _form == ReplyForm.Extended:
                replies.AddError(OptionReplyType.ErrorExtendedHeadersRequired, "Extended headers were negotiated already.");
                break;
            case Option.StructuredReply:
                _form = ReplyForm.Structured;
                replies.Add(OptionReplyType.Ack);
                break;
            case Option.ExtendedHeaders when _form == ReplyForm.Extended:
                replies.AddError(OptionReplyType.ErrorInvalid, "Extended headers were negotiated already.");
                break;
            case Option.ExtendedHeaders:
                _form = ReplyForm.Extended;
                replies.Add(OptionReplyType.Ack);
                break;
            case Option.ListMetaContext or Option.SetMetaContext:
                AnswerContexts(option, data, replies);
                break;
            default:
                replies.AddError(OptionReplyType.ErrorUnsupported, $"This server does not know option {(uint)option}.");
                break;
        }
    }

    private bool MustBeSecured => tls is { IsRequired: true } && !client.IsSecure;

    private void DemandTls(Option option, OptionReplies replies)
    {
        if (option == Option.ExportName)
            throw Violation("it asked for an export without TLS, which is required");
        replies.AddError(OptionReplyType.ErrorTlsRequired, "This server speaks TLS only: begin it with STARTTLS.");
        replies.SendTo(client);
    }

    /// <summary>Goes on in TLS. What was negotiated in clear text, where anybody could have put it in, is forgotten.</summary>
    private void StartTls(ReadOnlySpan<byte> data, OptionReplies replies)
    {
        if (tls is null)
            replies.AddError(OptionReplyType.ErrorUnsupported, "This server has no certificate for TLS.");
        else if (client.IsSecure || data.Length > 0)
            replies.AddError(OptionReplyType.ErrorInvalid, client.IsSecure ? "TLS was begun already." : "The option carries no data.");
        else if (input.Count > 0)
            throw Violation("it sent more in clear text after asking for TLS");
        else
            replies.Add(OptionReplyType.Ack);
        var begins = tls is not null && !client.IsSecure && data.IsEmpty;
        replies.SendTo(client);
        if (!begins)
            return;
        client.BeginTls(tls!);
        _form = ReplyForm.Simple;
        _contexts.Forget();
    }

    private void AnswerContexts(Option option, ReadOnlySpan<byte> data, OptionReplies replies)
    {
        if (_form == ReplyForm.Simple)
        {
            replies.AddError(OptionReplyType.ErrorInvalid, "Negotiate structured replies first.");
            return;
        }

        if (!MetaContextRequest.TryRead(data, out var request))
        {
            replies.AddError(OptionReplyType.ErrorInvalid, "The option's lengths do not add up, or it holds what is not a name.");
            return;
        }

        if (option == Option.SetMetaContext && request.Queries.Count > NbdLimits.MaxContexts)
        {
            _contexts.Forget();
            replies.AddError(OptionReplyType.ErrorTooBig, $"{request.Queries.Count} contexts are asked for; {NbdLimits.MaxContexts} can be chosen.");
            return;
        }

        try
        {
            var export = exports.Resolve(request.Export).Name;
            var contexts = option == Option.SetMetaContext
                ? _contexts.Choose(export, request.Queries)
                : [.. _contexts.List(export, request.Queries).Select(name => (0u, name))];
            foreach (var (number, name) in contexts)
                replies.AddContext(number, name);
            replies.Add(OptionReplyType.Ack);
        }
        catch (SnapBackupException exception)
        {
            replies.AddError(Is(exception, NbdError.UnknownExport) ? OptionReplyType.ErrorUnknown : OptionReplyType.ErrorInvalid, exception.Message);
        }
    }

    private static bool Is(SnapBackupException exception, NbdError reason) => exception is NbdException nbd && nbd.Reason == reason;

    private NegotiatedExport Open(string name)
    {
        var device = exports.Open(name);
        return NegotiatedExport.Of(device, _form, _contexts.Of(name, device));
    }

    private NegotiatedExport? Go(ReadOnlySpan<byte> data, OptionReplies replies)
    {
        var export = TryInform(data, replies);
        try
        {
            replies.SendTo(client);
            return export;
        }
        catch when (export is not null)
        {
            export.Device.Close();
            throw;
        }
    }

    /// <summary>Opens what INFO or GO asks for and answers with what there is to know, or with the error.</summary>
    private NegotiatedExport? TryInform(ReadOnlySpan<byte> data, OptionReplies replies)
    {
        if (!InfoRequest.TryRead(data, out var request))
        {
            replies.AddError(OptionReplyType.ErrorInvalid, "The option's lengths do not add up, or its name is not one.");
            return null;
        }

        try
        {
            var found = exports.Resolve(request.Name);
            var export = Open(found.Name);
            replies.AddExport(export);
            if (request.WantsName)
                replies.AddText(InfoType.Name, found.Name);
            if (request.WantsDescription)
                replies.AddText(InfoType.Description, found.Description);
            replies.Add(OptionReplyType.Ack);
            return export;
        }
        catch (SnapBackupException exception)
        {
            replies.AddError(OptionReplyType.ErrorUnknown, exception.Message);
            return null;
        }
    }

    private NegotiatedExport EnterByName(ReadOnlySpan<byte> data)
    {
        if (!ExportName.TryRead(data, out var name))
            throw Violation("it asked for an export by a name that is not one");
        var export = Open(exports.Resolve(name).Name);
        try
        {
            Span<byte> reply = stackalloc byte[_sendsPadding ? ExportNameReply.PaddedSize : ExportNameReply.Size];
            new ExportNameReply(export.Device.Size, export.Flags).Write(reply);
            client.SendAll(reply);
            return export;
        }
        catch
        {
            export.Device.Close();
            throw;
        }
    }

    private static NbdException Violation(string what) =>
        new(NbdError.ProtocolViolation, $"NBD client: while negotiating, {what}. The connection was closed.");
}
