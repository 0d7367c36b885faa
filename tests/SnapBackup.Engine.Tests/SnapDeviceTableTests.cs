namespace SnapBackup.Engine.Tests;

/// <summary>Devices by name (O2).</summary>
public sealed class SnapDeviceTableTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Devices_without_a_name_get_the_first_free_number()
    {
        await using var table = new SnapDeviceTable();
        Assert.Equal("snap0", (await table.SetUpAsync(Options(0))).Name);
        Assert.Equal("snap1", (await table.SetUpAsync(Options(1))).Name);
        await table.TearDownAsync("snap0");
        Assert.Equal("snap0", (await table.SetUpAsync(Options(2))).Name);
        Assert.Equal(["snap0", "snap1"], table.Devices.Select(device => device.Name));
    }

    [Fact]
    public async Task A_name_in_use_is_refused_and_the_device_that_has_it_stays()
    {
        await using var table = new SnapDeviceTable();
        var device = await table.SetUpAsync(Options(0) with { Name = "web" });
        await Errors.ExpectAsync(EngineError.NameInUse, "web", () => table.SetUpAsync(Options(1) with { Name = "web" }));
        Assert.Same(device, table.Get("web"));
    }

    [Fact]
    public async Task More_devices_than_the_limit_are_refused()
    {
        await using var table = new SnapDeviceTable(limit: 2);
        await table.SetUpAsync(Options(0));
        await table.SetUpAsync(Options(1));
        await Errors.ExpectAsync(EngineError.TooManyDevices, "2 devices", () => table.SetUpAsync(Options(2)));
        Assert.False(File.Exists(_folder["log2"]));
    }

    [Fact]
    public async Task A_device_is_found_by_its_source_whatever_path_names_it()
    {
        await using var table = new SnapDeviceTable();
        var device = await table.SetUpAsync(Options(0));
        File.CreateSymbolicLink(_folder["link"], _folder["source0"]);
        Assert.Same(device, table.FindBySource(_folder["link"]));
        Assert.Null(table.FindBySource(_folder["log0"]));
        Assert.Null(table.FindBySource(_folder["nothing"]));
    }

    [Fact]
    public async Task A_source_that_a_device_has_is_refused_with_the_name_of_that_device()
    {
        await using var table = new SnapDeviceTable();
        await table.SetUpAsync(Options(0) with { Name = "web" });
        File.CreateSymbolicLink(_folder["link"], _folder["source0"]);
        await Errors.ExpectAsync(EngineError.SourceInUse, "the device web", () => table.SetUpAsync(Options(1) with { Source = _folder["link"] }));
        Assert.False(File.Exists(_folder["log1"]));
    }

    [Fact]
    public async Task It_tells_which_devices_logs_fill()
    {
        await using var table = new SnapDeviceTable();
        var told = new TaskCompletionSource<DeviceLogForecastEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        table.LogFilling += (_, filling) => told.TrySetResult(filling);
        await table.SetUpAsync(Options(0));
        var device = await table.SetUpAsync(Options(1) with { Overflow = new OverflowOptions { SlowFrom = 0 } });
        await device.StartSnapshotAsync("s");
        await using (var origin = device.OpenOrigin())
            await origin.WriteAsync(0, new byte[] { 1 });
        Assert.Same(device, (await told.Task).Device);
        Assert.Equal(LogFillStage.Slowed, (await told.Task).Forecast.Stage);
    }

    [Fact]
    public async Task An_unknown_name_is_refused_with_the_names_there_are()
    {
        await using var table = new SnapDeviceTable();
        await Errors.ExpectAsync(EngineError.DeviceNotFound, "none is set up", () => Task.FromResult(table.Get("x")));
        await table.SetUpAsync(Options(0));
        await Errors.ExpectAsync(EngineError.DeviceNotFound, "There are: snap0", () => table.TearDownAsync("x"));
    }

    [Fact]
    public async Task A_device_in_use_stays_when_its_tear_down_is_refused()
    {
        await using var table = new SnapDeviceTable();
        var device = await table.SetUpAsync(Options(0));
        var origin = device.OpenOrigin();
        await Errors.ExpectAsync(EngineError.DeviceInUse, "1 opener", () => table.TearDownAsync("snap0"));
        Assert.Same(device, table.Get("snap0"));
        await origin.DisposeAsync();
        await table.TearDownAsync("snap0");
        Assert.Empty(table.Devices);
    }

    [Fact]
    public async Task A_device_that_is_released_keeps_its_snapshots_for_the_next_that_attaches()
    {
        await using var table = new SnapDeviceTable();
        var options = Options(0) with { Name = "web" };
        var device = await table.AttachAsync(options);
        var snapshot = await device.StartSnapshotAsync("kept");
        await using (snapshot.Open())
            await Errors.ExpectAsync(EngineError.DeviceInUse, "its snapshots 1", () => table.ReleaseAsync("web"));
        Assert.Same(device, table.Get("web"));

        await table.ReleaseAsync("web");
        Assert.Empty(table.Devices);
        await Errors.ExpectAsync(EngineError.LogHoldsSnapshots, "'kept'", () => table.SetUpAsync(options));
        Assert.Equal("kept", Assert.Single((await table.AttachAsync(options)).Snapshots).Name);
    }

    [Fact]
    public async Task Disposing_releases_all_devices_although_they_are_open()
    {
        var options = Options(0);
        await using (var table = new SnapDeviceTable())
        {
            var device = await table.AttachAsync(options);
            await device.StartSnapshotAsync("kept");
            device.OpenOrigin();
        }

        await using var next = new SnapDeviceTable();
        Assert.Equal("kept", Assert.Single((await next.AttachAsync(options)).Snapshots).Name);
    }

    [Fact]
    public async Task One_device_that_cannot_be_torn_down_cleanly_does_not_keep_the_others()
    {
        var table = new SnapDeviceTable();
        await table.SetUpAsync(Options(0));
        await table.SetUpAsync(Options(1));
        await table.Get("snap0").TearDownAsync();
        await table.DisposeAsync();
        Assert.Empty(table.Devices);
        await using var source = Blocks.FileBlockDevice.Open(_folder["source1"]);
    }

    private SnapDeviceOptions Options(int number)
    {
        File.WriteAllBytes(_folder[$"source{number}"], new byte[100_000]);
        return new SnapDeviceOptions
        {
            Source = _folder[$"source{number}"],
            Logs = [new LogOptions { Path = _folder[$"log{number}"], Size = 1 << 20 }],
        };
    }
}
