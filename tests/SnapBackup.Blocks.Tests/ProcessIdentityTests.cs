namespace SnapBackup.Blocks.Tests;

public sealed class ProcessIdentityTests
{
    [Fact]
    public void This_process_is_alive() => Assert.True(ProcessIdentity.Current.IsAlive);

    [Fact]
    public void A_process_of_another_boot_is_dead() =>
        Assert.False((ProcessIdentity.Current with { BootId = "00000000-0000-0000-0000-000000000000" }).IsAlive);

    [Fact]
    public void A_process_that_has_the_number_of_a_dead_one_is_not_that_one() =>
        Assert.False((ProcessIdentity.Current with { StartTime = ProcessIdentity.Current.StartTime - 1 }).IsAlive);

    [Fact]
    public async Task A_process_is_alive_until_it_is_killed_also_while_nobody_buried_it()
    {
        using var process = ExternalTool.Require("sleep").Start("600");
        var owner = ProcessIdentity.Of(process.Id);
        try
        {
            Assert.True(owner!.IsAlive);
        }
        finally
        {
            process.Kill();
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.False(owner.IsAlive);
        Assert.Null(ProcessIdentity.Of(process.Id));
    }
}
