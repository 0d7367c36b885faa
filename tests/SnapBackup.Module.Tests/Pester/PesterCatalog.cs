using SnapBackup.Module.Tests.Hosting;

namespace SnapBackup.Module.Tests.Pester;

/// <summary>All suites of the module, each read and run at most once in this process.</summary>
internal static class PesterCatalog
{
    private static readonly Lazy<IReadOnlyDictionary<string, PesterFile>> All = new(() =>
        Directory.GetFiles(Repository.PathOf("tests", "module"), "*.Tests.ps1")
            .Order(StringComparer.Ordinal)
            .Select(PesterFile.Discover)
            .ToDictionary(file => file.Name));

    private static readonly HashSet<PesterFile> Done = [];

    public static IEnumerable<PesterFile> Files => All.Value.Values;

    public static PesterFile Run(string file, CancellationToken cancellationToken)
    {
        var suite = All.Value[file];
        lock (Done)
        {
            if (Done.Add(suite))
            {
                suite.Run(cancellationToken);
                suite.Dispose();
            }
        }

        return suite;
    }
}
