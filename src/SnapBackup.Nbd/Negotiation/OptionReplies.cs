using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Negotiation;

/// <summary>The answers to one option, sent together.</summary>
internal sealed class OptionReplies(Option option)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public OptionReplies Add(OptionReplyType type, ReadOnlySpan<byte> data = default)
    {
        new OptionReplyHeader(option, type, (uint)data.Length).Write(_bytes.GetSpan(OptionReplyHeader.Size));
        _bytes.Advance(OptionReplyHeader.Size);
        _bytes.Write(data);
        return this;
    }

    /// <summary>An error, with words for people.</summary>
    public OptionReplies AddError(OptionReplyType type, string message) => Add(type, Encoding.UTF8.GetBytes(message));

    /// <summary>NBD_REP_SERVER: the length of the name, the name, and the description behind it.</summary>
    public OptionReplies AddServer(NbdExport export)
    {
        var name = Encoding.UTF8.GetBytes(export.Name);
        var length = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)name.Length);
        return Add(OptionReplyType.Server, [.. length, .. name, .. Encoding.UTF8.GetBytes(export.Description)]);
    }

    /// <summary>NBD_INFO_NAME or NBD_INFO_DESCRIPTION: the type and the text.</summary>
    public OptionReplies AddText(InfoType type, string text)
    {
        var head = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)type);
        return Add(OptionReplyType.Info, [.. head, .. Encoding.UTF8.GetBytes(text)]);
    }

    /// <summary>NBD_REP_META_CONTEXT: the number and the name of a context.</summary>
    public OptionReplies AddContext(uint number, string name)
    {
        var head = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(head, number);
        return Add(OptionReplyType.MetaContext, [.. head, .. Encoding.UTF8.GetBytes(name)]);
    }

    public OptionReplies AddExport(NegotiatedExport export)
    {
        Span<byte> info = stackalloc byte[ExportInfo.Size];
        export.Info.Write(info);
        Span<byte> blockSize = stackalloc byte[BlockSizeInfo.Size];
        export.BlockSize.Write(blockSize);
        return Add(OptionReplyType.Info, info).Add(OptionReplyType.Info, blockSize);
    }

    public void SendTo(ClientStream client) => client.SendAll(_bytes.WrittenSpan);
}
