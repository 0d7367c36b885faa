using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Negotiation;

/// <summary><c>qemu:dirty-bitmap:</c>: tells what changed from what did not, as it was when the client chose the context.</summary>
/// <param name="changes">In ascending order, not overlapping.</param>
internal sealed class ChangeStatus(IReadOnlyList<NbdChange> changes) : IStatusSource
{
    private const uint Unchanged = 0;
    private const uint Dirty = 1;

    public ValueTask<StatusExtent> GetAsync(long offset, long length, CancellationToken cancellationToken)
    {
        var at = FirstEndingAfter(offset);
        if (at == changes.Count)
            return ValueTask.FromResult(new StatusExtent(length, Unchanged));
        var (start, end) = (changes[at].Offset, changes[at].Offset + changes[at].Length);
        return ValueTask.FromResult(start <= offset
            ? new StatusExtent(Math.Min(length, end - offset), Dirty)
            : new StatusExtent(Math.Min(length, start - offset), Unchanged));
    }

    private int FirstEndingAfter(long offset)
    {
        var (low, high) = (0, changes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (changes[middle].Offset + changes[middle].Length > offset)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
