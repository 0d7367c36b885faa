using System.Text;
using SnapBackup.CrashTests.Scenarios;

namespace SnapBackup.CrashTests.Running;

/// <summary>The engine did what the model does not allow.</summary>
/// <param name="Scenario">What was done.</param>
/// <param name="Cuts">The power cuts, in order: when, and what survived. None if it happened without.</param>
/// <param name="Problems">What was wrong then.</param>
/// <param name="Trace">The events that led there, the last ones only.</param>
internal sealed record Violation(Scenario Scenario, IReadOnlyList<string> Cuts, IReadOnlyList<string> Problems, IReadOnlyList<string> Trace)
{
    public override string ToString()
    {
        var text = new StringBuilder().AppendLine($"VIOLATION  {Scenario}");
        foreach (var cut in Cuts)
            text.AppendLine($"  {cut}");
        foreach (var problem in Problems)
            text.AppendLine($"  -> {problem}");
        foreach (var happened in Trace)
            text.AppendLine($"     {happened}");
        return text.ToString();
    }
}
