namespace SnapBackup.Module.Tests.Hosting;

/// <summary>Tests that name the state folder: they follow each other, since the variable that names it is the process's.</summary>
internal static class StateFolderCollection
{
    public const string Name = "state folder";

    public const string Variable = "SNAPBACKUP_STATE";
}
