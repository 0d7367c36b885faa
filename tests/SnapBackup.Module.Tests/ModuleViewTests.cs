using SnapBackup.Module.Tests.Hosting;

namespace SnapBackup.Module.Tests;

public sealed class ModuleViewTests
{
    [Fact]
    public void Objects_are_shown_as_a_user_would_see_them_without_colours()
    {
        using var session = new ModuleSession();
        var screen = session.Render("[pscustomobject]@{ Name = 'snap0'; Blocks = 12 }");
        Assert.Equal(["Name  Blocks", "----  ------", "snap0     12"], screen.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0));
    }
}
