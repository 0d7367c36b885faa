using SnapBackup.Engine.Snapshots;

namespace SnapBackup.Engine.Groups;

/// <summary>Starts a snapshot on several held devices at one instant: that at which the writers of all of them are held back and none is under way.</summary>
/// <remarks>
/// <para>Invariants, for a crash at any moment:</para>
/// <list type="number">
/// <item>Every source is flushed before any device stores the snapshot, so that one which all devices have stored is of that one instant.</item>
/// <item>Every device has stored it before any confirms it, and none forgets it while another has it confirmed: so
/// <see cref="GroupResolution"/> can tell afterwards whether all have it.</item>
/// </list>
/// </remarks>
internal static class GroupStart
{
    public static async Task<IReadOnlyList<Snapshot>> RunAsync(IReadOnlyList<DeviceCore> cores, string name, CancellationToken cancellationToken)
    {
        var group = Guid.NewGuid();
        var starts = new List<SnapshotStart>(cores.Count);
        for (var i = 0; i < cores.Count; i++)
        {
            var start = new SnapshotStart(cores[i], name);
            start.ThrowIfImpossible();
            start.JoinGroup(group, cores[(i + 1) % cores.Count].Logs.Shape.SetId);
            starts.Add(start);
        }

        await AllAsync(starts, name, start => start.FlushAsync(cancellationToken)).ConfigureAwait(false);
        try
        {
            await AllAsync(starts, name, start => start.HoldWritersAsync()).ConfigureAwait(false);
            return await StoreAsync(starts, name, cores[0].Clock.GetUtcNow()).ConfigureAwait(false);
        }
        finally
        {
            starts.ForEach(start => start.LetWritersGo());
        }
    }

    /// <summary>Stores and confirms it, or takes it back everywhere, while writers are held back.</summary>
    private static async Task<IReadOnlyList<Snapshot>> StoreAsync(List<SnapshotStart> starts, string name, DateTimeOffset now)
    {
        try
        {
            await AllAsync(starts, name, start => start.FlushAsync(CancellationToken.None)).ConfigureAwait(false);
            await AllAsync(starts, name, start => start.StoreAsync(now)).ConfigureAwait(false);
            await AllAsync(starts, name, start => start.ConfirmAsync(isConfirmed: true)).ConfigureAwait(false);
            return [.. starts.Select(start => start.Keep())];
        }
        catch
        {
            await Task.WhenAll(starts.Select(start => start.ConfirmAsync(isConfirmed: false))).ConfigureAwait(false);
            await Task.WhenAll(starts.Select(start => start.UndoAsync())).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes a step on all devices at once and waits for all of them, whatever becomes of one.</summary>
    private static async Task AllAsync(List<SnapshotStart> starts, string name, Func<SnapshotStart, Task> step)
    {
        var steps = starts.Select(start => TryAsync(() => step(start))).ToList();
        var failures = await Task.WhenAll(steps).ConfigureAwait(false);
        var failed = Array.FindIndex(failures, failure => failure is not null);
        if (failed < 0)
            return;
        if (failures[failed] is OperationCanceledException cancelled)
            throw cancelled;
        throw new EngineException(
            EngineError.GroupStartFailed,
            $"'{name}': the snapshot was started on none of {Quantity.Of(starts.Count, "device")}, because {starts[failed].DeviceName} failed: {failures[failed]!.Message}",
            failures[failed]);
    }

    private static async Task<Exception?> TryAsync(Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
