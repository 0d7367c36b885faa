namespace SnapBackup.Engine.Tests.Reclaiming;

/// <summary>The power is cut, or a log fails, at every moment of a compaction: nothing is lost.</summary>
public sealed class CompactionCrashTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_a_power_cut_at_any_moment_every_snapshot_is_exact(int logs)
    {
        await using var nights = await FragmentedAsync(logs, LogAllocation.Striped);
        var cuts = new PowerCuts([nights.Disk.Source, .. nights.Disk.Logs], async left =>
        {
            await using var again = nights.Over(await nights.Disk.OpenAsync(left[0], left[1..]));
            again.Frozen.Remove("night14"); // which is being ended
            await again.ExpectSoundAsync();
            await again.WriteAsync();
            await again.Device.Core.Compactor.Idle;
            await again.ExpectSoundAsync();
            await again.Disk.ReopenAsync();
            await again.ExpectSoundAsync();
        });
        await nights.EndAsync(14);
        cuts.Stop();
        Assert.True(nights.Device.GetStatistics().BytesCompacted > 0);
        Assert.True(cuts.Count > 60, $"{cuts.Count} cuts");
        await nights.ExpectSoundAsync();
    }

    [Fact]
    public async Task After_a_power_cut_while_writers_go_on_every_snapshot_is_exact()
    {
        await using var nights = await FragmentedAsync(2, LogAllocation.Sequential);
        var cuts = new PowerCuts([nights.Disk.Source, .. nights.Disk.Logs], async left =>
        {
            await using var again = nights.Over(await nights.Disk.OpenAsync(left[0], left[1..]));
            again.Frozen.Remove("night14");
            await again.ExpectSoundAsync();
        });
        var written = Task.Run(async () =>
        {
            for (var at = 1 << 20; at < Nights.Size; at += 16 << 10)
                await nights.Disk.FillAsync(at, 5000, 3);
        });
        await nights.EndAsync(14);
        await written;
        cuts.Stop();
        Assert.True(nights.Device.GetStatistics().BytesCompacted > 0);
        await nights.ExpectSoundAsync();
    }

    [Theory]
    [InlineData("write", false)]
    [InlineData("flush", false)]
    [InlineData("flush", true)]
    public async Task When_a_log_fails_at_any_moment_nothing_is_lost(string operation, bool tears)
    {
        var moment = 0;
        for (var isOver = false; !isOver; moment++)
        {
            await using var nights = await FragmentedAsync(2, LogAllocation.Striped);
            var log = nights.Disk.Logs[0];
            var (left, before, offset, length) = (moment, log.Content, 0L, 0L);
            log.Fault = (met, at, bytes) =>
            {
                if (met == operation && left-- <= 0)
                {
                    if (tears)
                        Tear(log.Content, before, (int)offset, (int)length);
                    throw Errors.BadMedium("log0");
                }

                if (met == "write")
                    (before, offset, length) = (log.Content.ToArray(), at, bytes);
            };
            await nights.EndAsync(14);
            isOver = left >= 0;
            log.Fault = null;
            await nights.ExpectExactAsync();
            await ExpectNothingButTheFailureAsync(nights, isOver);
            await using var crashed = nights.Over(await nights.Disk.OpenAfterCrashAsync());
            await crashed.ExpectExactAsync();
            await nights.WriteAsync();
            await nights.Disk.ReopenAsync();
            await nights.ExpectExactAsync();
            await ExpectNothingButTheFailureAsync(nights, isOver);
        }

        Assert.True(moment > 10, $"{moment} moments");
    }

    [Fact]
    public async Task A_device_that_is_let_go_meanwhile_is_opened_again_as_it_was()
    {
        for (var moment = 0; moment < 40; moment += 3)
        {
            await using var nights = await FragmentedAsync(1, LogAllocation.Sequential);
            var (left, letGo) = (moment, default(Task));
            nights.Disk.Logs[0].Fault = (met, _, _) =>
            {
                if (met == "write" && left-- == 0)
                    letGo = Task.Run(() => nights.Device.DisposeAsync().AsTask());
            };
            await nights.EndAsync(14);
            nights.Disk.Logs[0].Fault = null;
            await (letGo ?? Task.CompletedTask);
            await nights.Disk.ReopenAsync();
            await nights.ExpectSoundAsync();
            await nights.Device.Core.Compactor.Idle;
            await nights.ExpectSoundAsync();
        }
    }

    [Fact]
    public async Task A_device_that_is_torn_down_meanwhile_lets_everything_go()
    {
        for (var moment = 0; moment < 40; moment += 3)
        {
            await using var nights = await FragmentedAsync(1, LogAllocation.Sequential);
            var (left, tornDown) = (moment, default(Task));
            nights.Disk.Logs[0].Fault = (met, _, _) =>
            {
                if (met == "write" && left-- == 0)
                    tornDown = Task.Run(() => nights.Device.TearDownAsync(force: true));
            };
            await nights.EndAsync(14);
            nights.Disk.Logs[0].Fault = null;
            await (tornDown ?? nights.Device.TearDownAsync(force: true));
            Assert.Equal(0, nights.Device.GetStatistics().LogUsed);
        }
    }

    /// <summary>A disk at which the end of night 14 has some segments moved together that earlier ends have left.</summary>
    private static async Task<Nights> FragmentedAsync(int logs, LogAllocation allocation)
    {
        var nights = await Nights.CreateAsync(
            [.. Enumerable.Repeat(Disk.LogOf(30), logs)], new DeviceSettings { ChangeGranularity = 4096, Allocation = allocation });
        await nights.PassAsync(16);
        await nights.WithoutRoomToCompactAsync(() => nights.EndAsync(Enumerable.Range(0, 14)));
        await nights.Disk.Origin.FlushAsync();
        return nights;
    }

    /// <summary>Takes back the second half of what was written.</summary>
    private static void Tear(byte[] content, byte[] before, int offset, int length)
    {
        var kept = length / 2 / 512 * 512;
        before.AsSpan(offset + kept, length - kept).CopyTo(content.AsSpan(offset + kept));
    }

    private static async Task ExpectNothingButTheFailureAsync(Nights nights, bool isSound)
    {
        var findings = (await nights.Device.CheckAsync()).Findings;
        Assert.All(findings, finding => Assert.Equal(CheckSeverity.Warning, finding.Severity)); // a summary may be torn, too
        Assert.Equal(isSound, findings.All(finding => finding.Kind != CheckFindingKind.LogFailure));
    }
}
