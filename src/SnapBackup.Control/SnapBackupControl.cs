using SnapBackup.Control.Archives;
using SnapBackup.Control.Devices;
using SnapBackup.Control.Jobs;
using SnapBackup.Control.Mounts;
using SnapBackup.Kernel.Attaching;
using SnapBackup.Nbd;
using SnapBackup.Pipeline.Quartz;

namespace SnapBackup.Control;

/// <summary>
/// The one door to everything: what a shell or a service does, it does through this. It works in the process that makes
/// it; disposing it stops runs, unmounts and detaches, stops the NBD server and lets all devices go, in this order. Snapshots stay on their logs.
/// </summary>
public sealed class SnapBackupControl : IAsyncDisposable
{
    /// <summary>Makes the door; nothing is opened or created until it is needed.</summary>
    /// <param name="state">Where jobs and runs are kept.</param>
    /// <param name="socketPath">The Unix socket that devices are served on; at most 107 bytes long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="nbd">Limits of the NBD server; the usual ones when left out.</param>
    /// <param name="attachments">Where it is registered what the kernel has of the devices; the usual place when left out.</param>
    public SnapBackupControl(
        StateFolder state, string socketPath, TimeProvider time, NbdServerOptions? nbd = null, AttachmentRegistry? attachments = null)
    {
        State = state;
        Time = time;
        Devices = new DeviceControl(socketPath, nbd ?? new NbdServerOptions { TimeProvider = time }, time, attachments ?? AttachmentRegistry.Default);
        var freezer = new OriginFreezer(Devices.Table, Devices.Attachments, state);
        Snapshots = new SnapshotControl(Devices, freezer);
        Mounts = new MountControl(Devices, Snapshots);
        Archives = new ArchiveControl(Snapshots, time);
        Jobs = new JobControl(state, Devices, freezer, new QuartzCronCalendar(), time);
    }

    /// <summary>Snap devices.</summary>
    public DeviceControl Devices { get; }

    /// <summary>Their snapshots and bookmarks.</summary>
    public SnapshotControl Snapshots { get; }

    /// <summary>Those of them that are mounted on this machine.</summary>
    public MountControl Mounts { get; }

    /// <summary>Archives.</summary>
    public ArchiveControl Archives { get; }

    /// <summary>Jobs and their runs.</summary>
    public JobControl Jobs { get; }

    /// <summary>Where jobs and runs are kept.</summary>
    internal StateFolder State { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Jobs.DisposeAsync().ConfigureAwait(false);
        await Devices.DisposeAsync().ConfigureAwait(false);
    }
}
