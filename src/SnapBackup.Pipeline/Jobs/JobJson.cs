using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SnapBackup.Engine;

namespace SnapBackup.Pipeline.Jobs;

/// <summary>
/// Job documents as JSON text. Comments and trailing commas are allowed; unknown and repeated members are refused,
/// because a mistyped "kepe" would else quietly keep everything.
/// </summary>
public static class JobJson
{
    /// <summary>The largest document that is read, in bytes; 512 logs with long paths fit.</summary>
    public const int MaximumSize = 4 * 1024 * 1024;

    private const string SchemaResource = "SnapBackup.Pipeline.job.schema.json";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // for people's eyes; never inside HTML
        Converters =
        {
            new ByteSizeConverter(),
            new WordEnumConverter<AttachMode>(),
            new WordEnumConverter<LogAllocation>(),
            new WordEnumConverter<LogDurability>(),
            new WordEnumConverter<MissedRuns>(),
        },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RequireNothing } },
    };

    /// <summary>The JSON Schema (draft 2020-12) of a job document.</summary>
    public static string ReadSchema()
    {
        using var stream = typeof(JobJson).Assembly.GetManifestResourceStream(SchemaResource)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The document as text.</summary>
    /// <param name="job">The job.</param>
    public static string Write(JobDocument job) => JsonSerializer.Serialize(job, Options) + "\n";

    /// <summary>Reads the shape of a document. What its values mean is for <see cref="JobValidator"/> to judge.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="place">Where it comes from, for messages.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.InvalidJob"/> with the line and the member.</exception>
    public static JobDocument Read(ReadOnlySpan<byte> utf8, string place)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
            utf8 = utf8[Encoding.UTF8.Preamble.Length..]; // some editors begin with a byte order mark
        try
        {
            return JsonSerializer.Deserialize<JobDocument>(utf8, Options)
                ?? throw new PipelineException(PipelineError.InvalidJob, $"{place}: null is not a job; write an object.");
        }
        catch (JsonException exception)
        {
            throw new PipelineException(PipelineError.InvalidJob, $"{place}: {JsonProblem.Describe(exception)}", exception);
        }
    }

    /// <summary>Missing members are left to the validator, which names all of them and says what each is for.</summary>
    private static void RequireNothing(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            property.IsRequired = false;
    }
}
