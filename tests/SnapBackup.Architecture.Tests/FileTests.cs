namespace SnapBackup.Architecture.Tests;

/// <summary>The rules of style that a reader would notice first.</summary>
public sealed class FileTests
{
    private const int LongestFile = 500;

    [Fact]
    public void No_source_file_is_longer_than_fits_in_the_head() =>
        Assert.DoesNotContain(Repository.SourceFiles("src"), path => File.ReadLines(path).Count() > LongestFile);

    [Fact]
    public void No_file_is_a_drawer_for_everything() =>
        Assert.DoesNotContain(
            Repository.SourceFiles("src"),
            path => new[] { "Util", "Helper", "Misc", "Common", "Manager" }.Any(word => Path.GetFileName(path).Contains(word, StringComparison.Ordinal)));

    [Fact]
    public void Nothing_is_left_undone() =>
        Assert.DoesNotContain(
            Repository.SourceFiles("src"), path => File.ReadAllText(path).Contains("NotImplementedException", StringComparison.Ordinal));
}
