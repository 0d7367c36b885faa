using System.Reflection;
using System.Runtime.CompilerServices;
using SnapBackup.PowerShell;

namespace SnapBackup.Module.Tests.Hosting;

/// <summary>
/// Makes the tests see the assemblies that users import, from <c>module/bin</c>: none of them stands beside the tests
/// (see the project file), where they would get into the default load context and hide a lack of isolation.
/// </summary>
internal static class ModuleUnderTest
{
    private static readonly string Cmdlets = Repository.PathOf("module", "bin", "SnapBackup.PowerShell.dll");

    [ModuleInitializer]
    public static void Load()
    {
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        Assembly.LoadFrom(Cmdlets);
        Provide();
    }

    // Apart, because the assembly must be loaded before a method that names its types is compiled.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Provide() => ModuleDependencies.Provide();
}
