using System.Buffers.Binary;
using System.Net.Sockets;
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
internal sealed class Handshake(Socket socket, ReceiveBuffer input, ExportCatalog exports)
{
    private bool _sendsPadding = true;
    private bool _structuredReplies;

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
            switch (header.Option)
            {
                case Option.ExportName:
                    return EnterByName(data);
                case Option.Go:
                    if (Go(data, replies) is { } export)
                        return export;
                    break;
                default:
                    Answer(header.Option, data, replies);
                    replies.SendTo(socket);
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
        socket.SendAll(hello);
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
        replies.SendTo(socket);
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
            case Option.List or Option.StructuredReply when data.Length > 0:
                replies.AddError(OptionReplyType.ErrorInvalid, "The option carries no data.");
                break;
            case Option.List:
                foreach (var listed in exports.List())
                    replies.AddServer(listed);
                replies.Add(OptionReplyType.Ack);
                break;
            case Option.StructuredReply:
                _structuredReplies = true;
                replies.Add(OptionReplyType.Ack);
                break;
            default:
                replies.AddError(OptionReplyType.ErrorUnsupported, $"This server does not know option {(uint)option}.");
                break;
        }
    }

    private NegotiatedExport? Go(ReadOnlySpan<byte> data, OptionReplies replies)
    {
        var export = TryInform(data, replies);
        try
        {
            replies.SendTo(socket);
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
            var export = NegotiatedExport.Of(exports.Open(found.Name), _structuredReplies);
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
        var export = NegotiatedExport.Of(exports.Open(exports.Resolve(name).Name), _structuredReplies);
        try
        {
            Span<byte> reply = stackalloc byte[_sendsPadding ? ExportNameReply.PaddedSize : ExportNameReply.Size];
            new ExportNameReply(export.Device.Size, export.Flags).Write(reply);
            socket.SendAll(reply);
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
