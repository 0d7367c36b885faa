using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>The data of NBD_OPT_INFO and NBD_OPT_GO: an export's name and what the client would like to know of it.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     4  length n of the name
///      4     n  name, UTF-8, without a terminator
///    4+n     2  number m of requests
///    6+n   2*m  requested information types
/// </code>
/// </remarks>
internal readonly record struct InfoRequest(string Name, bool WantsName, bool WantsDescription)
{
    private const int NameLengthOffset = 0;
    private const int NameOffset = NameLengthOffset + sizeof(uint);

    /// <summary>False unless the lengths add up to exactly the source and the name is one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out InfoRequest request)
    {
        request = default;
        if (source.Length < NameOffset + sizeof(ushort))
            return false;
        var nameLength = BinaryPrimitives.ReadUInt32BigEndian(source[NameLengthOffset..]);
        if (nameLength > (uint)(source.Length - NameOffset - sizeof(ushort)))
            return false;
        var rest = source[(NameOffset + (int)nameLength)..];
        var count = BinaryPrimitives.ReadUInt16BigEndian(rest);
        var types = rest[sizeof(ushort)..];
        if (types.Length != count * sizeof(ushort) || !ExportName.TryRead(source.Slice(NameOffset, (int)nameLength), out var name))
            return false;
        request = new InfoRequest(name, Contains(types, InfoType.Name), Contains(types, InfoType.Description));
        return true;
    }

    private static bool Contains(ReadOnlySpan<byte> types, InfoType type)
    {
        for (; types.Length > 0; types = types[sizeof(ushort)..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(types) == (ushort)type)
                return true;
        }

        return false;
    }
}
