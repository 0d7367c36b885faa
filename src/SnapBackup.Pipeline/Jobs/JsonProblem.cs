using System.Text.Json;

namespace SnapBackup.Pipeline.Jobs;

/// <summary>
/// Says in words of the document what the JSON reader says in words of .NET. It knows the reader's few sentences by
/// their unchanging parts; one it does not know passes through.
/// </summary>
internal static class JsonProblem
{
    public static string Describe(JsonException exception)
    {
        var member = exception.Path is null or "$" ? "" : $", {exception.Path.TrimStart('$', '.')}";
        return $"line {exception.LineNumber + 1}{member}: {Cause(exception)}.";
    }

    private static string Cause(JsonException exception) => exception switch
    {
        { InnerException: JsonException syntax } => $"it is not JSON at column {exception.BytePositionInLine + 1}: {Trim(syntax.Message)}",
        _ when Says(exception, "could not be mapped") => "there is no such member; the schema job.schema.json lists those there are",
        _ when Says(exception, "Duplicate property") => "the member appears twice; keep one of them",
        _ when Says(exception, "could not be converted") => "the value is of another kind than the schema job.schema.json asks for here",
        _ => Trim(exception.Message),
    };

    private static bool Says(JsonException exception, string part) => exception.Message.Contains(part, StringComparison.Ordinal);

    /// <summary>Without the place, which the reader appends in its own form.</summary>
    private static string Trim(string message)
    {
        var cut = message.AsSpan();
        foreach (var tail in (ReadOnlySpan<string>)[" Path:", " LineNumber:"])
        {
            if (cut.IndexOf(tail, StringComparison.Ordinal) is var index and >= 0)
                cut = cut[..index];
        }

        return cut.TrimEnd('.').ToString();
    }
}
