using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>A simple reply; to a READ that succeeded without structured replies the data follows.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     4  magic 0x67446698
///      4     4  error, 0 for success
///      8     8  the request's cookie
/// </code>
/// </remarks>
internal readonly record struct SimpleReplyHeader(NbdErrno Error, ulong Cookie)
{
    public const int Size = CookieOffset + sizeof(ulong);

    private const uint Magic = 0x6744_6698;

    private const int MagicOffset = 0;
    private const int ErrorOffset = MagicOffset + sizeof(uint);
    private const int CookieOffset = ErrorOffset + sizeof(uint);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[MagicOffset..], Magic);
        BinaryPrimitives.WriteUInt32BigEndian(destination[ErrorOffset..], (uint)Error);
        BinaryPrimitives.WriteUInt64BigEndian(destination[CookieOffset..], Cookie);
    }
}
