namespace SnapBackup.Engine.Tests;

/// <summary>What attaching would do can be known without doing it.</summary>
public sealed class AttachPlanTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public AttachPlanTests()
    {
        var content = new byte[1 << 20];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(_folder["source"], content);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_would_be_created_is_named_and_not_created()
    {
        var plan = await SnapDevice.PlanAttachAsync(Options(Log("log0"), Log("log1")));
        Assert.Equal(("web", false), (plan.Name, plan.OpensAgain));
        Assert.Equal([_folder["log0"], _folder["log1"]], plan.Created);
        Assert.Empty(plan.Kept);
        Assert.Empty(plan.Lost);
        Assert.False(File.Exists(_folder["log0"]));
    }

    [Fact]
    public async Task What_would_be_found_or_lost_is_named_and_stays()
    {
        await KeepAsync("log0", "log1");
        var again = await SnapDevice.PlanAttachAsync(Options(Log("log0"), Log("log1")));
        Assert.True(again.OpensAgain);
        Assert.Equal(["monday", "tuesday"], again.Kept);
        Assert.Empty(again.Lost);

        var anew = await SnapDevice.PlanAttachAsync(Options(Log("log1") with { DiscardContent = true }, Log("log2")));
        Assert.False(anew.OpensAgain);
        Assert.Equal([_folder["log2"]], anew.Created);
        var lost = Assert.Single(anew.Lost);
        Assert.Equal(_folder["log1"], lost.Log);
        Assert.Equal(["monday", "tuesday"], lost.Points);

        await using var device = await SnapDevice.AttachAsync(Options(Log("log0"), Log("log1")));
        Assert.Equal(["monday"], device.Bookmarks.Select(bookmark => bookmark.Name));
        Assert.Equal(SnapshotState.Active, Assert.Single(device.Snapshots).State);
    }

    [Fact]
    public async Task A_log_that_is_not_there_is_named_and_not_created_when_the_others_keep_something()
    {
        await KeepAsync("log0", "log1");
        var misspelt = Options(Log("log0"), Log("lgo1"));
        await Errors.ExpectAsync(EngineError.LogMissing, _folder["lgo1"], () => SnapDevice.PlanAttachAsync(misspelt));
        var error = await Errors.ExpectAsync(EngineError.LogMissing, _folder["lgo1"], () => SnapDevice.AttachAsync(misspelt));
        Assert.Contains(_folder["log0"], error.Message, StringComparison.Ordinal);
        await Errors.ExpectAsync(EngineError.LogMissing, _folder["lgo1"], () => SnapDevice.OpenAsync(misspelt));
        Assert.False(File.Exists(_folder["lgo1"]));
    }

    [Fact]
    public async Task What_an_added_log_keeps_is_named()
    {
        await KeepAsync("log0");
        await using var other = await SnapDevice.SetUpAsync("db", new MemoryBlockDevice("source", new byte[4096]), [new MemoryBlockDevice("log", 1 << 20)], new DeviceSettings());
        Assert.Null(await other.PlanAddLogAsync(Log("log1")));
        await Errors.ExpectAsync(EngineError.LogHoldsSnapshots, _folder["log0"], () => other.PlanAddLogAsync(Log("log0")));
        var lost = await other.PlanAddLogAsync(Log("log0") with { DiscardContent = true });
        Assert.Equal(["monday", "tuesday"], lost!.Points);
    }

    [Fact]
    public async Task What_is_no_log_is_named_with_its_size_and_what_is_blank_is_not()
    {
        await File.WriteAllBytesAsync(_folder["image"], [.. new byte[5000], .. Enumerable.Repeat((byte)7, (1 << 20) - 5000)]);
        await File.WriteAllBytesAsync(_folder["blank"], new byte[1 << 20]);
        var plan = await SnapDevice.PlanAttachAsync(Options(Log("image") with { DiscardContent = true }, Log("blank") with { DiscardContent = true }, Log("new")));
        var lost = Assert.Single(plan.Lost);
        Assert.Equal((_folder["image"], 1L << 20), (lost.Log, lost.ForeignBytes));
        Assert.Empty(lost.Points);
        await using var other = await SnapDevice.SetUpAsync("db", new MemoryBlockDevice("source", new byte[4096]), [new MemoryBlockDevice("log", 1 << 20)], new DeviceSettings());
        Assert.Equal(lost.ForeignBytes, (await other.PlanAddLogAsync(Log("image") with { DiscardContent = true }))!.ForeignBytes);
        Assert.Null(await other.PlanAddLogAsync(Log("blank")));
    }

    private LogOptions Log(string name) => new() { Path = _folder[name], Size = 1 << 20 };

    private SnapDeviceOptions Options(params LogOptions[] logs) => new() { Name = "web", Source = _folder["source"], Logs = logs };

    /// <summary>Leaves a bookmark and a snapshot on new logs.</summary>
    private async Task KeepAsync(params string[] logs)
    {
        await using var device = await SnapDevice.SetUpAsync(Options([.. logs.Select(Log)]));
        await device.StartSnapshotAsync("monday");
        await device.EndSnapshotAsync("monday", keepChanges: true);
        await device.StartSnapshotAsync("tuesday");
    }
}
