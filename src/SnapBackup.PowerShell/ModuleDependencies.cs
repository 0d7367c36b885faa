using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Loader;

namespace SnapBackup.PowerShell;

/// <summary>Keeps the module's dependencies apart from those of PowerShell and of other modules.</summary>
/// <remarks>
/// PowerShell loads the cmdlets into the default load context. What they refer to is found in
/// <see cref="ModuleLoadContext"/> and nowhere else, since the folder is not on the default context's path; from there
/// on the private context resolves by itself. Only this assembly's own references are answered, so that no other module
/// ever gets a copy of ours.
/// <para>
/// It must be in place before PowerShell reflects on the cmdlets, because loading a type loads the types of its fields;
/// an <c>IModuleAssemblyInitializer</c> would come too late. It stays for the life of the process: like the default
/// context it cannot be unloaded, and another runspace may still use it after this one has removed the module.
/// </para>
/// </remarks>
public static class ModuleDependencies
{
    private static readonly Assembly Cmdlets = typeof(ModuleDependencies).Assembly;
    private static readonly FrozenSet<string> References =
        Cmdlets.GetReferencedAssemblies().Select(reference => reference.Name!).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly ModuleLoadContext Context =
        new(Path.Combine(Path.GetDirectoryName(Cmdlets.Location)!, "Dependencies", "SnapBackup.Control.dll"));

    private static int _provided;

    /// <summary>Makes the dependencies available; a second call changes nothing.</summary>
    public static void Provide()
    {
        if (Interlocked.Exchange(ref _provided, 1) == 0)
            AssemblyLoadContext.Default.Resolving += Resolve;
    }

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name is { } simpleName && References.Contains(simpleName) ? Context.Find(name) : null;
}
