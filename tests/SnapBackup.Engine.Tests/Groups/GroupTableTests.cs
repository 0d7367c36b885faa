using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Groups;

/// <summary>A table decides about a group's snapshots as soon as it has the devices that it needs for that.</summary>
public sealed class GroupTableTests : IDisposable
{
    private const int Size = 100_000;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_snapshots_are_confirmed_when_the_last_device_is_attached()
    {
        await StartAndCrashAsync(unconfirmed: [0, 1, 2]);
        await using var table = new SnapDeviceTable();
        var first = await table.AttachAsync(Options(0));
        var second = await table.AttachAsync(Options(1));
        Assert.True(first.GetSnapshot("s").IsUnconfirmed && second.GetSnapshot("s").IsUnconfirmed);
        var third = await table.AttachAsync(Options(2));
        foreach (var device in new[] { first, second, third })
            Assert.Equal(new byte[Size], await device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task The_snapshots_are_confirmed_when_one_that_is_confirmed_is_attached()
    {
        await StartAndCrashAsync(unconfirmed: [0, 1]);
        await using var table = new SnapDeviceTable();
        var first = await table.AttachAsync(Options(0));
        Assert.True(first.GetSnapshot("s").IsUnconfirmed);
        await table.AttachAsync(Options(2));
        Assert.False(first.GetSnapshot("s").IsUnconfirmed);
        await table.AttachAsync(Options(1));
        Assert.False(table.Get("d1").GetSnapshot("s").IsUnconfirmed);
    }

    [Fact]
    public async Task The_snapshots_are_ended_when_a_device_that_has_none_is_attached()
    {
        await StartAndCrashAsync(unconfirmed: [0, 1], without: 2);
        await using var table = new SnapDeviceTable();
        var first = await table.AttachAsync(Options(0));
        var second = await table.AttachAsync(Options(1));
        Assert.True(first.GetSnapshot("s").IsUnconfirmed && second.GetSnapshot("s").IsUnconfirmed);
        await table.SetUpAsync(Options(3)); // has nothing to do with it
        Assert.True(first.GetSnapshot("s").IsUnconfirmed && second.GetSnapshot("s").IsUnconfirmed);
        await using var third = await SnapDevice.OpenAsync(Options(2));
        await SnapDeviceGroup.ResolveAsync([.. table.Devices, third]);
        Assert.Empty(first.Snapshots);
        Assert.Empty(second.Snapshots);
    }

    /// <summary>Starts a group on three devices and leaves their logs as a crash in the middle of it would have.</summary>
    private async Task StartAndCrashAsync(int[] unconfirmed, int? without = null)
    {
        await using (var table = new SnapDeviceTable())
        {
            for (var i = 0; i < 3; i++)
                await table.SetUpAsync(Options(i));
            await SnapDeviceGroup.StartSnapshotAsync(table.Devices, "s");
        }

        foreach (var number in unconfirmed)
            ChangeCatalog(_folder[$"log{number}"], point => point with { IsUnconfirmed = true });
        if (without is { } lacking)
            ChangeCatalog(_folder[$"log{lacking}"], _ => null);
    }

    /// <summary>Rewrites the point of a log's catalog, in both slots.</summary>
    private static void ChangeCatalog(string path, Func<CatalogPoint, CatalogPoint?> change)
    {
        using var file = new FileStream(path, FileMode.Open);
        for (var slot = 0; slot < LogLayout.CatalogSlots; slot++)
        {
            var bytes = new byte[LogLayout.CatalogSlotSize];
            file.Position = LogLayout.CatalogOffset + (slot * LogLayout.CatalogSlotSize);
            file.ReadExactly(bytes);
            Assert.True(Catalog.TryRead(bytes, out var catalog));
            file.Position = LogLayout.CatalogOffset + (slot * LogLayout.CatalogSlotSize);
            file.Write((catalog! with { Points = [.. catalog.Points.Select(change).OfType<CatalogPoint>()] }).ToBytes());
        }
    }

    private SnapDeviceOptions Options(int number)
    {
        if (!File.Exists(_folder[$"source{number}"]))
            File.WriteAllBytes(_folder[$"source{number}"], new byte[Size]);
        return new SnapDeviceOptions
        {
            Name = $"d{number}",
            Source = _folder[$"source{number}"],
            Logs = [new LogOptions { Path = _folder[$"log{number}"], Size = 256 << 10 }],
        };
    }
}
