using SnapBackup.Blocks;
using SnapBackup.Control.Devices;
using SnapBackup.Control.Jobs;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Control.Scheduling;

/// <summary>
/// The devices of the jobs that are attached always: there is one for each, attached as its document says, or as near to that
/// as can be had.
/// </summary>
/// <remarks>
/// <para>What holds:</para>
/// <list type="number">
/// <item>Nobody's device is pulled away: one that is open, or that a run uses, stays as it is until it is free.</item>
/// <item>Nobody's snapshot is ended: a device that keeps snapshots or bookmarks is not changed until they are gone, and when its job no
/// longer asks for it, it is let go with them and its logs stay.</item>
/// <item>A device that cannot be changed as its document says is put back as it was, and tried again when the document asks
/// for something else, or the service starts anew: trying takes the device away for a moment.</item>
/// <item>One device that fails hinders no other.</item>
/// <item>A log that the document gives a size is the job's own: it stays over restarts and goes when the job no longer
/// names it so and it keeps nothing. A log without a size is somebody else's.</item>
/// </list>
/// </remarks>
internal sealed class AttachedDevices
{
    private readonly DeviceControl _devices;
    private readonly JobControl _jobs;
    private readonly IJobServiceObserver _observer;
    private readonly ProblemLedger _failures;
    private readonly ProblemLedger _kept;

    /// <summary>What each device really is: one that was opened again has the settings that it was set up with.</summary>
    private readonly Dictionary<string, SnapDeviceOptions> _attached = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SnapDeviceOptions> _tried = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SnapDeviceOptions> _refused = new(StringComparer.Ordinal);

    public AttachedDevices(DeviceControl devices, JobControl jobs, IJobServiceObserver observer)
    {
        _devices = devices;
        _jobs = jobs;
        _observer = observer;
        // A reason can be told with figures that change every time, such as the room that is left.
        _failures = new ProblemLedger(observer.OnProblem, problem => (problem as SnapBackupException)?.ErrorId ?? problem.Message);
        _kept = new ProblemLedger(observer.OnDeviceKept);
    }

    /// <summary>Brings the devices as near to the documents as can be. One whose document is broken at the moment stays.</summary>
    public async Task SyncAsync(JobFolderContent content, CancellationToken cancellationToken)
    {
        var wanted = content.Jobs
            .Where(job => job.Attach == AttachMode.Always)
            .ToDictionary(job => job.Name, job => job.ToDeviceOptions(), StringComparer.Ordinal);
        foreach (var name in _attached.Keys.Where(name => !wanted.ContainsKey(name) && !content.Broken.ContainsKey(name)).ToList())
            await GuardAsync(name, () => DetachAsync(name, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var name in _failures.Subjects.Where(name => !wanted.ContainsKey(name) && !_attached.ContainsKey(name)).ToList())
            _failures.Settle(name);
        foreach (var (name, options) in wanted)
        {
            if (!IsSame(_tried.GetValueOrDefault(name), options))
                _failures.Settle(name); // what is wrong with a changed document is another problem
            _tried[name] = options;
            await GuardAsync(name, () => AttachAsync(name, options, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task GuardAsync(string name, Func<Task<bool>> change, CancellationToken cancellationToken)
    {
        try
        {
            if (!await change().ConfigureAwait(false))
                return;
            _refused.Remove(name);
            _failures.Settle(name);
            _kept.Settle(name);
        }
        catch (EngineException exception) when (exception.Reason is EngineError.DeviceInUse or EngineError.LogHoldsSnapshots)
        {
            _kept.Meet(name, exception);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _failures.Meet(name, exception);
        }
    }

    /// <returns>Whether it is attached as asked; else a run has the source, and its end brings us here again, or it was refused.</returns>
    private async Task<bool> AttachAsync(string name, SnapDeviceOptions wanted, CancellationToken cancellationToken)
    {
        var current = _attached.GetValueOrDefault(name);
        var isThere = current is not null && _devices.Table.Find(name) is not null;
        if (isThere && IsSame(current, wanted))
            return true;
        if (isThere && IsSame(_refused.GetValueOrDefault(name), wanted))
            return false;
        using var reservation = SourceReservation.TryTake(_jobs.Cycle, current?.Source ?? wanted.Source, wanted.Source);
        if (reservation is null)
            return false;
        if (isThere)
            ThrowIfKeeping(_devices.Get(name));
        await LetGoAsync(name, wanted.Logs, cancellationToken).ConfigureAwait(false);
        try
        {
            await OpenAsync(name, wanted, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SnapBackupException) when (current is not null)
        {
            _refused[name] = wanted;
            await OpenAsync(name, current, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<bool> DetachAsync(string name, CancellationToken cancellationToken)
    {
        using var reservation = SourceReservation.TryTake(_jobs.Cycle, _attached[name].Source);
        if (reservation is null)
            return false;
        await LetGoAsync(name, [], cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task OpenAsync(string name, SnapDeviceOptions options, CancellationToken cancellationToken)
    {
        var device = await _devices.AttachAsync(options, cancellationToken).ConfigureAwait(false);
        _attached[name] = AsItIs(options, device);
        _observer.OnDeviceAttached(device);
    }

    /// <summary>Lets the job's device go, if it has one, and removes its own logs but those that stay or keep something.</summary>
    private async Task LetGoAsync(string name, IReadOnlyList<LogOptions> staying, CancellationToken cancellationToken)
    {
        if (!_attached.TryGetValue(name, out var options))
            return;
        var device = _devices.Table.Find(name);
        var keepsNothing = device is { Snapshots.Count: 0, Bookmarks.Count: 0 };
        try
        {
            if (device is not null)
                await _devices.ReleaseAsync(name, force: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Also of a device that let everything go although its last flush failed.
            if (_devices.Table.Find(name) is null)
                await ForgetAsync(name, keepsNothing ? options.Logs.Where(log => log.Size is not null).Except(staying) : []).ConfigureAwait(false);
        }
    }

    private async Task ForgetAsync(string name, IEnumerable<LogOptions> logs)
    {
        _attached.Remove(name);
        _observer.OnDeviceDetached(name);
        foreach (var log in logs)
            await LogFile.RemoveAsync(log.Path).ConfigureAwait(false);
    }

    private static void ThrowIfKeeping(SnapDeviceInfo device)
    {
        List<string> kept = [.. device.Snapshots, .. device.Bookmarks];
        if (kept.Count > 0)
        {
            throw new EngineException(
                EngineError.LogHoldsSnapshots, $"{device.Name}: it keeps {string.Join(", ", kept)}, which a change of the device would end. End them first.");
        }
    }

    /// <summary>The options that would set a device up as it is.</summary>
    private static SnapDeviceOptions AsItIs(SnapDeviceOptions options, SnapDeviceInfo device) => options with
    {
        BlockSize = device.BlockSize,
        Durability = device.Durability,
        // A block size that is larger takes the granularity's place.
        ChangeGranularity = Math.Max(device.BlockSize, options.ChangeGranularity) == device.ChangeGranularity
            ? options.ChangeGranularity
            : device.ChangeGranularity,
    };

    private static bool IsSame(SnapDeviceOptions? one, SnapDeviceOptions other) =>
        one is not null && one with { Logs = other.Logs } == other && one.Logs.SequenceEqual(other.Logs);
}
