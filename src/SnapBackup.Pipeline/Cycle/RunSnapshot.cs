using SnapBackup.Engine;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>The snapshot that a run starts, which its name tells from those of others.</summary>
internal static class RunSnapshot
{
    /// <summary>What the snapshot of a run is called.</summary>
    public static string NameOf(long run) => $"run-{run}";

    /// <summary>Ends the snapshot of a run whose process died: on the device if this process has it, else on the logs that kept it.</summary>
    /// <param name="devices">The devices of this process.</param>
    /// <param name="run">The run.</param>
    /// <param name="logs">All logs of the device.</param>
    /// <returns>Whether it was there and was ended.</returns>
    /// <exception cref="Blocks.SnapBackupException">Somebody has the source or a log, or they cannot be opened together.</exception>
    public static async Task<bool> EndAsync(SnapDeviceTable devices, RunRecord run, IReadOnlyList<string> logs)
    {
        if (devices.FindBySource(run.Source!) is { } attached)
            return await EndAsync(attached, run.Id).ConfigureAwait(false);
        if (!logs.All(Path.Exists))
            return false; // a log that is gone took it along
        var device = await SnapDevice.AttachAsync(new SnapDeviceOptions
        {
            Name = run.Job,
            Source = run.Source!,
            Logs = [.. logs.Select(log => new LogOptions { Path = log })],
        }).ConfigureAwait(false);
        await using (device.ConfigureAwait(false))
            return await EndAsync(device, run.Id).ConfigureAwait(false);
    }

    private static async Task<bool> EndAsync(SnapDevice device, long run)
    {
        if (device.FindSnapshot(NameOf(run)) is not { } snapshot)
            return false;
        await device.EndSnapshotAsync(snapshot.Name).ConfigureAwait(false);
        return true;
    }
}
