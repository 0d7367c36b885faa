using System.Text.Json;

namespace SnapBackup.Benchmarks.Reporting;

/// <summary>Writes results for programs: an array with an object a case.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    public static async Task WriteAsync(string path, IReadOnlyList<CaseResult> results)
    {
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, results, Options);
    }
}
