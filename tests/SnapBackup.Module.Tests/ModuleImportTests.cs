using System.Management.Automation;
using SnapBackup.Module.Tests.Hosting;

namespace SnapBackup.Module.Tests;

public sealed class ModuleImportTests
{
    [Fact]
    public void A_module_that_was_not_built_says_how_to_build_it()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["module"]);
        File.Copy(Repository.PathOf("SnapBackup.psd1"), folder["SnapBackup.psd1"]);
        foreach (var file in Directory.GetFiles(Repository.PathOf("module")))
            File.Copy(file, Path.Combine(folder["module"], Path.GetFileName(file)));
        using var session = new ModuleSession();
        var error = Assert.ThrowsAny<RuntimeException>(() => session.Invoke($"Remove-Module SnapBackup; Import-Module '{folder["SnapBackup.psd1"]}'"));
        Assert.Contains("dotnet build", error.Message, StringComparison.Ordinal);
    }
}
