using SnapBackup.Blocks;
using SnapBackup.Pipeline.Cycle;

namespace SnapBackup.Control.Scheduling;

/// <summary>Keeps runs away from some sources, all or none.</summary>
internal sealed class SourceReservation : IDisposable
{
    private readonly List<IDisposable> _parts = [];

    /// <returns>Null when a run has one of them.</returns>
    public static SourceReservation? TryTake(BackupCycle cycle, params IEnumerable<string> sources)
    {
        var reservation = new SourceReservation();
        foreach (var source in sources.DistinctBy(FileIdentity.Of))
        {
            if (cycle.TryReserve(source) is not { } part)
            {
                reservation.Dispose();
                return null;
            }

            reservation._parts.Add(part);
        }

        return reservation;
    }

    public void Dispose()
    {
        foreach (var part in _parts)
            part.Dispose();
    }
}
