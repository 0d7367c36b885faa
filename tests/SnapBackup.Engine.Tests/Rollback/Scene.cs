namespace SnapBackup.Engine.Tests.Rollback;

/// <summary>
/// A disk with a bookmark and three snapshots, between and after which writes were made: a rollback to the middle one writes data and zeros, and
/// preserves both for the newest.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    public const int Size = 300_000;

    private Scene(Disk disk) => Disk = disk;

    public Disk Disk { get; private set; }

    public SnapDevice Device => Disk.Device;

    /// <summary>What the source held when each point was made, by name.</summary>
    public Dictionary<string, byte[]> Frozen { get; } = new(StringComparer.Ordinal);

    /// <summary>What the source held before the rollback.</summary>
    public byte[] Before { get; private set; } = [];

    public static async Task<Scene> CreateAsync(int[]? logSizes = null, DeviceSettings? settings = null)
    {
        var scene = new Scene(await Disk.CreateAsync(Size, logSizes ?? [1 << 20, 1 << 20], settings ?? new DeviceSettings { ChangeGranularity = 4096 }));
        await scene.StartAsync("bookmark");
        await scene.Device.EndSnapshotAsync("bookmark", keepChanges: true);
        await scene.StartAsync("older");
        await scene.Disk.FillAsync(1000, 20_000, 1);
        await scene.StartAsync("s");
        await scene.Disk.FillAsync(10_000, 120_000, 2); // data, and into the zeros
        await scene.Disk.Origin.WriteZeroesAsync(200_000, 50_000);
        await scene.StartAsync("newer");
        await scene.Disk.FillAsync(15_000, 8000, 3);
        await scene.Disk.FillAsync(Size - 100, 100, 3);
        await scene.Disk.Origin.FlushAsync();
        scene.Before = scene.Disk.Source.Content.ToArray();
        return scene;
    }

    /// <summary>The same scene over what a crash has left of its disk.</summary>
    public Scene Over(Disk disk)
    {
        var scene = new Scene(disk) { Before = Before };
        foreach (var (name, content) in Frozen)
            scene.Frozen.Add(name, content);
        return scene;
    }

    public Task<RollbackReport> RollBackAsync(string name = "s") => Device.RollBackAsync(name, force: true);

    /// <summary>Every snapshot is as exact as ever, and whatever differs from the bookmark is told.</summary>
    public async Task ExpectExactAsync()
    {
        foreach (var (name, content) in Frozen.Where(point => point.Key != "bookmark"))
            Assert.True((await Device.GetSnapshot(name).ReadAllAsync()).AsSpan().SequenceEqual(content), $"{name} is not exact");
        foreach (var (name, content) in Frozen)
            await ExpectToldAsync(name, content);
    }

    public ValueTask DisposeAsync() => Disk.DisposeAsync();

    private async Task StartAsync(string name)
    {
        Frozen.Add(name, Disk.Source.Content.ToArray());
        await Device.StartSnapshotAsync(name);
    }

    private async Task ExpectToldAsync(string name, byte[] then)
    {
        var told = new bool[Size];
        foreach (var range in await Device.CompareAsync(name))
            told.AsSpan((int)range.Offset, (int)range.Length).Fill(true);
        for (var i = 0; i < Size; i++)
        {
            if (then[i] != Disk.Source.Content[i] && !told[i])
                Assert.Fail($"byte {i} differs from {name} and nobody was told");
        }
    }
}
