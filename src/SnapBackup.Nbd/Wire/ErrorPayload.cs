using System.Buffers.Binary;
using System.Text.Unicode;

namespace SnapBackup.Nbd.Wire;

/// <summary>What an error chunk carries: what failed, in a number and in words.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     4  error
///      4     2  length n of the message
///      6     n  message, UTF-8, cut at MaxMessageLength
/// </code>
/// </remarks>
internal readonly record struct ErrorPayload(NbdErrno Error, string Message)
{
    public const int MaxSize = MessageOffset + NbdLimits.MaxMessageLength;

    private const int ErrorOffset = 0;
    private const int MessageLengthOffset = ErrorOffset + sizeof(uint);
    private const int MessageOffset = MessageLengthOffset + sizeof(ushort);

    /// <summary>Writes it to a destination of <see cref="MaxSize"/> bytes.</summary>
    /// <returns>How many bytes it took.</returns>
    public int Write(Span<byte> destination)
    {
        // A message that does not fit ends after the last whole character that does.
        Utf8.FromUtf16(Message, destination.Slice(MessageOffset, NbdLimits.MaxMessageLength), out _, out var messageLength);
        BinaryPrimitives.WriteUInt32BigEndian(destination[ErrorOffset..], (uint)Error);
        BinaryPrimitives.WriteUInt16BigEndian(destination[MessageLengthOffset..], (ushort)messageLength);
        return MessageOffset + messageLength;
    }
}
