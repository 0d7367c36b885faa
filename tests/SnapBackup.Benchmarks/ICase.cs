using SnapBackup.Benchmarks.Reporting;

namespace SnapBackup.Benchmarks;

/// <summary>One thing that is measured.</summary>
internal interface ICase
{
    string Name { get; }

    /// <summary>Measures, and gives a result for each figure.</summary>
    /// <param name="folder">A folder of its own, deleted afterwards.</param>
    IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder);
}
