using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>The data of NBD_OPT_LIST_META_CONTEXT and NBD_OPT_SET_META_CONTEXT: an export's name, and names of contexts or beginnings of them.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     4  length n of the name
///      4     n  name, UTF-8, without a terminator
///    4+n     4  number of queries
///    8+n        queries: length (4), then so many bytes of UTF-8
/// </code>
/// </remarks>
internal readonly record struct MetaContextRequest(string Export, IReadOnlyList<string> Queries)
{
    /// <summary>False unless the lengths add up to exactly the source and the texts are such.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out MetaContextRequest request)
    {
        request = default;
        if (!TryTakeText(ref source, out var export) || source.Length < sizeof(uint))
            return false;
        var count = BinaryPrimitives.ReadUInt32BigEndian(source);
        source = source[sizeof(uint)..];
        var queries = new List<string>();
        for (; count > 0; count--)
        {
            if (!TryTakeText(ref source, out var query))
                return false;
            queries.Add(query);
        }

        request = new MetaContextRequest(export, queries);
        return source.IsEmpty;
    }

    private static bool TryTakeText(ref ReadOnlySpan<byte> source, out string text)
    {
        text = "";
        if (source.Length < sizeof(uint))
            return false;
        var length = BinaryPrimitives.ReadUInt32BigEndian(source);
        source = source[sizeof(uint)..];
        if (length > (uint)source.Length || !ExportName.TryRead(source[..(int)length], out text))
            return false;
        source = source[(int)length..];
        return true;
    }
}
