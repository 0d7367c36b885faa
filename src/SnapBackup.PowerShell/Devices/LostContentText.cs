using SnapBackup.Engine;

namespace SnapBackup.PowerShell;

/// <summary>Says which snapshots are lost with the content of logs.</summary>
internal static class LostContentText
{
    public const string Caption = "Discard the content of logs";

    /// <summary>What is done to one log.</summary>
    public static string Of(LostContent lost) => $"discard the content of {lost.Log} and lose {Kept(lost)}";

    public static string Question(IReadOnlyList<LostContent> lost) =>
        $"{string.Join("; ", lost.Select(log => $"{log.Log} keeps {Kept(log)}"))}. With the content of the logs they are lost. Discard it?";

    private static string Kept(LostContent lost) =>
        lost.Points.Count > 0 ? string.Join(", ", lost.Points) : "snapshots or bookmarks that cannot be told, because its catalog is lost";
}
