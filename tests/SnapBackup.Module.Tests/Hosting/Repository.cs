namespace SnapBackup.Module.Tests.Hosting;

/// <summary>Where the module and its suites stand.</summary>
internal static class Repository
{
    private static readonly string Root = Find(AppContext.BaseDirectory);

    public static string PathOf(params string[] names) => Path.Combine([Root, .. names]);

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "SnapBackup.psd1"))
        ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("No SnapBackup.psd1 above the tests."));
}
