using System.Collections.Concurrent;
using SnapBackup.Blocks;
using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Scenarios;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine;

namespace SnapBackup.CrashTests.Running;

/// <summary>The engine as a user of it sees it: what a scenario does with it, and all that it shows of itself. Overlays stay open while they can.</summary>
internal sealed class AttachedDevice : IAsyncDisposable
{
    private const string DeviceName = "snap0";

    private readonly Geometry _geometry;
    private readonly IReadOnlyDictionary<string, IBlockDevice> _disks;
    private readonly ConcurrentDictionary<string, PrivateOverlay> _overlays = [];
    private SnapDevice _device;

    private AttachedDevice(Geometry geometry, IReadOnlyDictionary<string, IBlockDevice> disks, SnapDevice device)
    {
        _geometry = geometry;
        _disks = disks;
        _device = device;
        Origin = device.OpenOrigin();
    }

    public IBlockDevice Origin { get; private set; }

    public static async Task<AttachedDevice> SetUpAsync(Geometry geometry, IReadOnlyDictionary<string, IBlockDevice> disks) => new(
        geometry,
        disks,
        await SnapDevice.SetUpAsync(DeviceName, disks[Geometry.Source], TermsOf(geometry, disks, geometry.Logs), SettingsOf(geometry)));

    /// <exception cref="SnapBackupException">The engine refuses.</exception>
    public static async Task<AttachedDevice> OpenAsync(
        Geometry geometry, IReadOnlyDictionary<string, IBlockDevice> disks, IReadOnlyList<string> logs) =>
        new(geometry, disks, await OpenDeviceAsync(geometry, disks, logs));

    /// <summary>Detaches the device in order and opens it again.</summary>
    public async Task ReopenAsync()
    {
        var logs = _device.LogNames;
        await DisposeAsync();
        _device = await OpenDeviceAsync(_geometry, _disks, logs);
        Origin = _device.OpenOrigin();
    }

    public async Task ExecuteAsync(ControlOperation operation)
    {
        switch (operation.Kind)
        {
            case ControlKind.Start:
                await _device.StartSnapshotAsync(operation.Name);
                break;
            case ControlKind.End:
                await _device.EndSnapshotAsync(operation.Name);
                break;
            case ControlKind.EndKeepingChanges:
                await _device.EndSnapshotAsync(operation.Name, keepChanges: true);
                break;
            case ControlKind.Forget:
                await _device.ForgetBookmarkAsync(operation.Name);
                break;
            case ControlKind.RollBack:
                await RollBackAsync(operation.Name);
                break;
            case ControlKind.AddLog:
                await _device.AddLogAsync(_disks[operation.Name]);
                break;
            case ControlKind.TearDown:
                await CloseOverlaysAsync();
                await Origin.DisposeAsync();
                await _device.TearDownAsync();
                break;
        }
    }

    /// <summary>Does a step with the overlay of a snapshot. One that fails is closed: what it holds then is not known.</summary>
    public async Task RunAsync(OverlayStep step)
    {
        if (_device.FindSnapshot(step.Snapshot) is not { State: SnapshotState.Active } snapshot)
            return;
        if (!_overlays.TryGetValue(step.Snapshot, out var overlay))
            _overlays[step.Snapshot] = overlay = await PrivateOverlay.OpenAsync(snapshot);
        try
        {
            await overlay.RunAsync(step);
        }
        catch
        {
            _overlays.TryRemove(step.Snapshot, out _);
            await overlay.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a snapshot holds; null when it is broken.</summary>
    public async Task<DiskImage?> ReadSnapshotAsync(string name)
    {
        if (_device.FindSnapshot(name) is not { State: SnapshotState.Active } snapshot)
            return null;
        try
        {
            await using var device = snapshot.Open();
            return await DeviceContent.ReadAsync(device);
        }
        catch (EngineException) when (snapshot.State == SnapshotState.Broken)
        {
            return null;
        }
    }

    /// <summary>Reads all that there is: the source, every snapshot, and every comparison.</summary>
    public async Task<Findings> InspectAsync()
    {
        var snapshots = new List<FoundSnapshot>();
        foreach (var snapshot in _device.Snapshots)
            snapshots.Add(new FoundSnapshot(snapshot.Name, await ReadSnapshotAsync(snapshot.Name), snapshot.BreakCause?.Message));
        var bookmarks = _device.Bookmarks.Select(bookmark => bookmark.Name).ToList();
        var readable = snapshots.Where(snapshot => snapshot.Content is not null).Select(snapshot => snapshot.Name).ToList();
        var comparisons = new List<FoundComparison>();
        foreach (var from in readable.Concat(bookmarks))
            comparisons.Add(await CompareAsync(from, null));
        foreach (var (from, to) in readable.Zip(readable.Skip(1)))
            comparisons.Add(await CompareAsync(from, to));
        return new Findings
        {
            Source = await DeviceContent.ReadAsync(Origin),
            Logs = [.. _device.LogNames],
            Snapshots = snapshots,
            Bookmarks = bookmarks,
            Overlays = [.. (await Task.WhenAll(_overlays.Values.Select(overlay => overlay.InspectAsync()))).OfType<FoundOverlay>()],
            Comparisons = comparisons,
            ChangeGranularity = _geometry.ChangeGranularity,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await CloseOverlaysAsync();
        await Origin.DisposeAsync();
        await _device.DisposeAsync();
    }

    private static Task<SnapDevice> OpenDeviceAsync(
        Geometry geometry, IReadOnlyDictionary<string, IBlockDevice> disks, IReadOnlyList<string> logs) =>
        SnapDevice.OpenAsync(DeviceName, disks[Geometry.Source], TermsOf(geometry, disks, logs), SettingsOf(geometry));

    private static IReadOnlyList<LogDevice> TermsOf(Geometry geometry, IReadOnlyDictionary<string, IBlockDevice> disks, IReadOnlyList<string> logs) =>
        [.. logs.Select(log => new LogDevice(disks[log]) { GrowTo = geometry.GrowTo })];

    private static DeviceSettings SettingsOf(Geometry geometry) => new()
    {
        BlockSize = geometry.BlockSize,
        ChangeGranularity = geometry.ChangeGranularity,
        Durability = geometry.Durability,
        Allocation = geometry.Allocation,
        Overflow = new OverflowOptions { LargestDelay = TimeSpan.Zero }, // a writer that is slowed meets nobody
    };

    private async Task CloseOverlaysAsync()
    {
        foreach (var overlay in _overlays.Values)
            await overlay.DisposeAsync();
        _overlays.Clear();
    }

    /// <summary>The origin must be closed for it, and is opened again, also if it was refused.</summary>
    private async Task RollBackAsync(string name)
    {
        await Origin.DisposeAsync();
        try
        {
            await _device.RollBackAsync(name);
        }
        finally
        {
            Origin = _device.OpenOrigin();
        }
    }

    private async Task<FoundComparison> CompareAsync(string from, string? to)
    {
        try
        {
            var ranges = await _device.CompareAsync(from, to);
            return new FoundComparison(from, to, [.. ranges.Select(range => (range.Offset, range.Length))]);
        }
        catch (EngineException lost) when (lost.Reason == EngineError.ChangesLost)
        {
            return new FoundComparison(from, to, null);
        }
    }
}
