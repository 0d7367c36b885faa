using System.Globalization;
using System.Text;

namespace SnapBackup.Benchmarks.Reporting;

/// <summary>Prints results for people, each as soon as it is there.</summary>
internal static class Table
{
    private static readonly CompositeFormat Layout = CompositeFormat.Parse("{0,-54} {1,-19} {2,12} {3,12} {4,-10} {5,7} {6,7} {7,7}  {8}");

    public static void Print(CaseResult result, bool isFirst)
    {
        if (isFirst)
            Write("case", "peer", "ours", "theirs", "unit", "ratio", "spread", "goal", string.Empty);
        Write(
            result.Case,
            result.Peer,
            Number(result.Ours),
            Number(result.Theirs),
            result.Unit,
            Ratio(result.Ratio),
            Ratio(result.Spread),
            (result.Better.Equals("higher", StringComparison.Ordinal) ? "≥" : "≤") + Ratio(result.Goal),
            result.Ratio is null ? "no peer" : result.Met ? "met" : "MISSED");
    }

    private static void Write(params object[] cells) => Console.WriteLine(string.Format(CultureInfo.InvariantCulture, Layout, cells));

    private static string Number(double? value) => value?.ToString(value < 100 ? "0.###" : "#,0", CultureInfo.InvariantCulture) ?? "-";

    private static string Ratio(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-";
}
