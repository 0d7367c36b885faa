using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.PowerShell;

/// <summary>Says what is lost with the content of logs.</summary>
internal static class LostContentText
{
    public const string Caption = "Discard the content of logs";

    /// <summary>What is done to one log.</summary>
    public static string Of(LostContent lost) => lost.ForeignBytes > 0
        ? $"discard the content of {lost.Log}, {Foreign(lost)}"
        : $"discard the content of {lost.Log} and lose {Kept(lost)}";

    public static string Question(IReadOnlyList<LostContent> lost) =>
        $"{string.Join("; ", lost.Select(What))}. With the content of the logs it is lost. Discard it?";

    private static string What(LostContent lost) => lost.ForeignBytes > 0 ? $"{lost.Log} is {Foreign(lost)}" : $"{lost.Log} keeps {Kept(lost)}";

    private static string Foreign(LostContent lost) => $"no log but something else, of {new ByteSize(lost.ForeignBytes)}";

    private static string Kept(LostContent lost) =>
        lost.Points.Count > 0 ? string.Join(", ", lost.Points) : "snapshots or bookmarks that cannot be told, because its catalog is lost";
}
