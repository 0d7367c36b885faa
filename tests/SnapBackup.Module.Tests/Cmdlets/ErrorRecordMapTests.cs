using System.Management.Automation;
using System.Runtime.Loader;
using SnapBackup.Blocks;
using SnapBackup.Module.Tests.Hosting;
using SnapBackup.PowerShell;

namespace SnapBackup.Module.Tests.Cmdlets;

public sealed class ErrorRecordMapTests
{
    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_reason_of_every_layer_has_a_category(Enum reason) =>
        Assert.NotEqual(ErrorCategory.NotSpecified, ErrorRecordMap.CategoryOf(reason));

    public static IEnumerable<TheoryDataRow<Enum>> Reasons()
    {
        var context = AssemblyLoadContext.GetLoadContext(typeof(SnapBackupException).Assembly)!;
        return Directory.GetFiles(Repository.PathOf("module", "bin", "Dependencies"), "SnapBackup.*.dll")
            .SelectMany(path => context.LoadFromAssemblyPath(path).GetExportedTypes())
            .Where(type => type.IsSubclassOf(typeof(SnapBackupException)))
            .SelectMany(type => Enum.GetValues(type.GetProperty("Reason")!.PropertyType).Cast<Enum>())
            .Select(reason => new TheoryDataRow<Enum>(reason) { TestDisplayName = $"{reason.GetType().Name}.{reason} has a category", Label = "" });
    }
}
