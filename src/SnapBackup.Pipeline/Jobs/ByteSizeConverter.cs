using System.Text.Json;
using System.Text.Json.Serialization;
using SnapBackup.Blocks;

namespace SnapBackup.Pipeline.Jobs;

/// <summary>A size as a number of bytes or as text such as "20GiB".</summary>
internal sealed class ByteSizeConverter : JsonConverter<ByteSize>
{
    public override ByteSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var bytes))
            return new ByteSize(bytes);
        if (reader.TokenType == JsonTokenType.String && ByteSize.TryParse(reader.GetString(), out var size))
            return size;
        throw new JsonException("it is not a size; write a number of bytes, or text such as \"20GiB\"");
    }

    public override void Write(Utf8JsonWriter writer, ByteSize value, JsonSerializerOptions options)
    {
        var text = value.ToString().Replace(" ", "", StringComparison.Ordinal);
        if (ByteSize.TryParse(text, out var rounded) && rounded == value)
            writer.WriteStringValue(text);
        else
            writer.WriteNumberValue(value.Bytes);
    }
}
