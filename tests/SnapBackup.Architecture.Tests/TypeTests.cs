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

    /// <summary>What is kept must not depend on the time: it says when a snapshot started, and how long writers wait when the logs are full.</summary>
    [Fact]
    public void The_engine_knows_only_the_clock_that_it_is_given_and_few_of_its_types_read_it()
    {
        var engine = Code.Types.Where(type => type.FullName.StartsWith("SnapBackup.Engine.", StringComparison.Ordinal)).ToList();
        string[] allowed = ["SnapBackup.Engine.DeviceSettings", "SnapBackup.Engine.DeviceCore", "SnapBackup.Engine.Overflow.", "SnapBackup.Engine.Snapshots.SnapshotLifeCycle", "SnapBackup.Engine.Groups.GroupStart"];
        Assert.All(engine.Where(type => Knows(type, "System.TimeProvider")), type => Assert.True(
            allowed.Any(name => type.FullName.StartsWith(name, StringComparison.Ordinal)),
            $"{type.FullName} knows TimeProvider. The engine's only clock is DeviceSettings.Clock, which Overflow/ and the start of a snapshot read."));
        Assert.DoesNotContain(engine, type => Knows(type, "System.DateTime", "System.Diagnostics.Stopwatch"));
        Assert.Equal(
            ["DeviceSettings.cs"],
            Repository.SourceFiles("src/SnapBackup.Engine")
                .Where(path => File.ReadAllText(path).Contains("TimeProvider.System", StringComparison.Ordinal))
                .Select(Path.GetFileName));
    }

    private static bool Knows(IType type, params string[] names) => type.Dependencies.Any(dependency => names.Contains(dependency.Target.FullName));

    private static bool IsQuartz(IType type) => type.FullName.StartsWith("Quartz.", StringComparison.Ordinal);
}
