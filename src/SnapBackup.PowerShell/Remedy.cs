using System.Management.Automation;
using SnapBackup.Archive;
using SnapBackup.Engine;
using SnapBackup.Kernel;

namespace SnapBackup.PowerShell;

/// <summary>
/// What errors say more in this module than in the layers that throw them, which know of no cmdlets: the parameter or the cmdlet that does what they
/// advise.
/// </summary>
internal static class Remedy
{
    /// <summary>What to add to the message of an error; null for nothing.</summary>
    /// <param name="reason">Its reason.</param>
    /// <param name="invocation">The call of the cmdlet that reports it; a parameter is named only if the cmdlet has it and it was not given.</param>
    public static string? Of(Enum reason, InvocationInfo invocation)
    {
        var (parameter, words) = Of(reason);
        if (parameter is null)
            return words;
        return invocation.MyCommand.Parameters.ContainsKey(parameter) && !invocation.BoundParameters.ContainsKey(parameter) ? words : null;
    }

    private static (string? Parameter, string? Words) Of(Enum reason) => reason switch
    {
        EngineError.DeviceInUse => ("Force", "-Force does it all the same."),
        EngineError.SourceUnreadable => ("Force", "-Force does it all the same."),
        EngineError.LogHoldsForeignData or EngineError.LogHoldsSnapshots => ("DiscardLogContent", "-DiscardLogContent takes the log, and what it holds is lost."),
        EngineError.LogMissing or EngineError.LogCorrupt or EngineError.LogOfAnotherDevice or EngineError.SourceMismatch =>
            ("DiscardLogContent", "To set up anew, -DiscardLogContent discards what the logs hold, with the snapshots."),
        EngineError.SnapshotAlreadyStarted => (null, "Stop-Snapshot ends a snapshot or forgets a bookmark, and so frees the name."),
        EngineError.RollbackIncomplete => (null, "Restore-Snapshot rolls back again; with -Abandon it gives the rollback up."),
        KernelError.StillAttached => (null, "Disconnect-SnapDevice detaches it."),
        KernelError.FreezeRefused or KernelError.FreezeFailed or KernelError.FreezeTimeout => ("NoFreeze", "-NoFreeze starts without freezing."),
        KernelError.PartitionNotNamed => ("Partition", "-Partition names it."),
        ArchiveError.TargetRefused => ("Force", "-Force overwrites it."),
        _ => (null, null),
    };
}
