using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace SnapBackup.Architecture.Tests;

/// <summary>Who may know which types, below the level of projects.</summary>
public sealed class TypeTests
{
    private static readonly ArchUnitNET.Domain.Architecture Code = new ArchLoader()
        .LoadAssemblies(
            typeof(Blocks.IBlockDevice).Assembly,
            typeof(Engine.SnapDevice).Assembly,
            typeof(Nbd.NbdServer).Assembly,
            typeof(Archive.ImageArchive).Assembly,
            typeof(Pipeline.PipelineException).Assembly,
            typeof(Control.SnapBackupControl).Assembly,
            typeof(global::Quartz.IJob).Assembly)
        .Build();

    [Fact]
    public void Only_the_Quartz_folder_of_the_pipeline_knows_Quartz()
    {
        var ours = Code.Types.Where(type => type.FullName.StartsWith("SnapBackup.", StringComparison.Ordinal)).ToList();
        var knowing = ours.Where(type => type.Dependencies.Any(dependency => IsQuartz(dependency.Target))).ToList();
        Assert.NotEmpty(knowing);
        Assert.All(knowing, type => Assert.StartsWith("SnapBackup.Pipeline.Quartz", type.FullName, StringComparison.Ordinal));
    }

    /// <summary>What is kept must not depend on the time. Only what writers wait for when the logs are full does.</summary>
    [Fact]
    public void Of_the_engine_only_overflow_knows_a_clock_and_only_the_one_that_it_is_given()
    {
        var engine = Code.Types.Where(type => type.FullName.StartsWith("SnapBackup.Engine.", StringComparison.Ordinal)).ToList();
        Assert.All(engine.Where(type => Knows(type, "System.TimeProvider")), type => Assert.True(
            type.FullName == typeof(Engine.OverflowOptions).FullName || type.FullName.StartsWith("SnapBackup.Engine.Overflow.", StringComparison.Ordinal),
            $"{type.FullName} knows TimeProvider. The engine's only clock is OverflowOptions.Clock, and only the folder Overflow/ reads it."));
        Assert.DoesNotContain(engine, type => Knows(type, "System.DateTime", "System.DateTimeOffset", "System.Diagnostics.Stopwatch"));
        Assert.Equal(
            ["OverflowOptions.cs"],
            Repository.SourceFiles("src/SnapBackup.Engine")
                .Where(path => File.ReadAllText(path).Contains("TimeProvider.System", StringComparison.Ordinal))
                .Select(Path.GetFileName));
    }

    private static bool Knows(IType type, params string[] names) => type.Dependencies.Any(dependency => names.Contains(dependency.Target.FullName));

    private static bool IsQuartz(IType type) => type.FullName.StartsWith("Quartz.", StringComparison.Ordinal);
}
