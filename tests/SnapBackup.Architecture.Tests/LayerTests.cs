using System.Xml.Linq;

namespace SnapBackup.Architecture.Tests;

/// <summary>An arrow points at what is used, and there are no others.</summary>
public sealed class LayerTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["SnapBackup.Blocks"] = [],
        ["SnapBackup.Engine"] = ["SnapBackup.Blocks"],
        ["SnapBackup.Nbd"] = ["SnapBackup.Blocks"],
        ["SnapBackup.Archive"] = ["SnapBackup.Blocks"],
        ["SnapBackup.Kernel"] = ["SnapBackup.Blocks"],
        ["SnapBackup.Pipeline"] = ["SnapBackup.Archive", "SnapBackup.Engine"],
        ["SnapBackup.Control"] = ["SnapBackup.Kernel", "SnapBackup.Nbd", "SnapBackup.Pipeline"],
        ["SnapBackup.Service"] = ["SnapBackup.Control"],
        ["SnapBackup.PowerShell"] = ["SnapBackup.Control"],
    };

    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["SnapBackup.Blocks"] = ["System.IO.Hashing"],
        ["SnapBackup.Engine"] = ["System.IO.Hashing"],
        ["SnapBackup.Nbd"] = [],
        ["SnapBackup.Archive"] = ["SharpCompress", "System.IO.Hashing"],
        ["SnapBackup.Kernel"] = ["System.IO.Hashing"],
        ["SnapBackup.Pipeline"] = ["Microsoft.Data.Sqlite", "Quartz"],
        ["SnapBackup.Control"] = [],
        ["SnapBackup.Service"] = ["Microsoft.Extensions.Hosting", "Microsoft.Extensions.Hosting.Systemd"],
        ["SnapBackup.PowerShell"] = ["PowerShellStandard.Library"],
    };

    public static TheoryData<string> Layers => [.. Arrows.Keys];

    [Fact]
    public void Every_folder_under_src_is_a_layer() =>
        Assert.Equal(Arrows.Keys.Order(), Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName).Order());

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_layer_uses_the_layers_its_arrows_point_at(string layer) =>
        Assert.Equal(Arrows[layer], References(layer, "ProjectReference").Select(Path.GetFileNameWithoutExtension).Order());

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_layer_uses_the_packages_it_is_known_for(string layer) =>
        Assert.Equal(Packages[layer], References(layer, "PackageReference").Order());

    private static IEnumerable<string> References(string layer, string element) => XDocument
        .Load(Path.Combine(Repository.Root, "src", layer, $"{layer}.csproj"))
        .Descendants(element)
        .Where(reference => reference.Attribute("ReferenceOutputAssembly")?.Value != "false") // a tool of the build is no layer
        .Select(reference => reference.Attribute("Include")!.Value);
}
