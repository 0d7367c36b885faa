using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace SnapBackup.Architecture.Tests;

/// <summary>Who may know which types, below the level of projects.</summary>
public sealed class TypeTests
{
    private static readonly ArchUnitNET.Domain.Architecture Code = new ArchLoader()
        .LoadFilteredDirectory(AppContext.BaseDirectory, "SnapBackup.*.dll")
        .LoadAssemblies(typeof(global::Quartz.IJob).Assembly)
        .Build();

    [Fact]
    public void Only_the_Quartz_folder_of_the_pipeline_knows_Quartz()
    {
        var ours = Code.Types.Where(type => type.FullName.StartsWith("SnapBackup.", StringComparison.Ordinal)).ToList();
        var knowing = ours.Where(type => type.Dependencies.Any(dependency => IsQuartz(dependency.Target))).ToList();
        Assert.NotEmpty(knowing);
        Assert.All(knowing, type => Assert.StartsWith("SnapBackup.Pipeline.Quartz", type.FullName, StringComparison.Ordinal));
    }

    private static bool IsQuartz(IType type) => type.FullName.StartsWith("Quartz.", StringComparison.Ordinal);
}
