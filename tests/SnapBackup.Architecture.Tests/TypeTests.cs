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

    [Fact]
    public void The_engine_knows_no_clock() => Assert.DoesNotContain(
        Code.Types.Where(type => type.FullName.StartsWith("SnapBackup.Engine.", StringComparison.Ordinal)),
        type => type.Dependencies.Any(dependency =>
            dependency.Target.FullName is "System.TimeProvider" or "System.DateTime" or "System.DateTimeOffset" or "System.Diagnostics.Stopwatch"));

    private static bool IsQuartz(IType type) => type.FullName.StartsWith("Quartz.", StringComparison.Ordinal);
}
