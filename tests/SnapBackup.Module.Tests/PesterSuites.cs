using SnapBackup.Module.Tests.Hosting;
using SnapBackup.Module.Tests.Pester;

namespace SnapBackup.Module.Tests;

/// <summary>The suites of <c>tests/module</c>, each <c>It</c> a test of its own; the first of a file runs the whole file.</summary>
[Collection(StateFolderCollection.Name)]
public sealed class PesterSuites
{
    private const string Unreadable = "(reading the file)";

    public static IEnumerable<TheoryDataRow<string, int>> Tests() => PesterCatalog.Files.SelectMany(Rows);

    [Theory]
    [MemberData(nameof(Tests))]
    public void Pester(string file, int index)
    {
        var suite = PesterCatalog.Run(file, TestContext.Current.CancellationToken);
        if (suite.DiscoveryError is { } error)
            Assert.Fail(error);
        var test = suite.Tests[index];
        switch (test.Outcome)
        {
            case PesterOutcome.Skipped:
                Assert.Skip(test.Reason);
                break;
            case PesterOutcome.Failed or PesterOutcome.NotRun:
                Assert.Fail(test.Reason);
                break;
        }
    }

    private static IEnumerable<TheoryDataRow<string, int>> Rows(PesterFile file)
    {
        if (file.DiscoveryError is not null)
            return [new TheoryDataRow<string, int>(file.Name, 0) { TestDisplayName = $"{file.Name} > {Unreadable}", Label = "" }];
        return file.Tests.Select((test, index) => new TheoryDataRow<string, int>(file.Name, index)
        {
            TestDisplayName = $"{file.Name} > {test.FullName}",
            Label = "",
            Traits = new Dictionary<string, HashSet<string>> { ["Tag"] = [.. test.Tags] },
        });
    }
}
