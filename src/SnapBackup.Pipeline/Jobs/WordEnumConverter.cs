using System.Text.Json;
using System.Text.Json.Serialization;

namespace SnapBackup.Pipeline.Jobs;

/// <summary>An enum as the words of the schema: its names in lower case with hyphens. A wrong word is answered with the right ones.</summary>
internal sealed class WordEnumConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> Values =
        Enum.GetValues<T>().ToDictionary(value => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()), StringComparer.Ordinal);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && Values.TryGetValue(reader.GetString()!, out var value))
            return value;
        throw new JsonException($"write one of \"{string.Join("\", \"", Values.Keys)}\"");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()));
}
