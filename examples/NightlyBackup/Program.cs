using NightlyBackup;
using SnapBackup.Blocks;

if (Arguments.Parse(args) is not { } arguments)
{
    Console.Error.WriteLine(Arguments.Usage);
    return 1;
}

using var workspace = new Workspace();
try
{
    await new NightlyRun(workspace, arguments).ExecuteAsync();
    return 0;
}
catch (Exception failure) when (failure is SnapBackupException or InvalidOperationException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"FAILED   {failure.Message}");
    return 1;
}
