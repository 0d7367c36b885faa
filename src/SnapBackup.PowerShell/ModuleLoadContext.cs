using System.Reflection;
using System.Runtime.Loader;

namespace SnapBackup.PowerShell;

/// <summary>
/// Where everything below the cmdlets is loaded: assemblies and native libraries from the folder
/// <c>Dependencies</c>, in the versions this module was built with, whatever PowerShell or other modules have loaded.
/// </summary>
/// <remarks>What is not in the folder (the runtime, PowerShell itself) comes from the default context.</remarks>
internal sealed class ModuleLoadContext : AssemblyLoadContext
{
    private readonly AssemblyDependencyResolver _resolver;

    /// <summary>Makes the context.</summary>
    /// <param name="rootAssembly">The assembly whose <c>.deps.json</c> says where each dependency stands.</param>
    public ModuleLoadContext(string rootAssembly)
        : base("SnapBackup") => _resolver = new AssemblyDependencyResolver(rootAssembly);

    /// <summary>The dependency of that name, or <see langword="null"/> when the folder has none.</summary>
    /// <param name="assemblyName">Its name.</param>
    public Assembly? Find(AssemblyName assemblyName) =>
        _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName) => Find(assemblyName);

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
