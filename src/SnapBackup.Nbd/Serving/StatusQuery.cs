using SnapBackup.Nbd.Negotiation;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>Answers a BLOCK_STATUS: what each negotiated context says of a range, in runs that differ from their neighbours.</summary>
internal static class StatusQuery
{
    /// <summary>Asks every context. It blocks its connection's thread: what comes after it needs the answer.</summary>
    /// <param name="contexts">The contexts that were negotiated.</param>
    /// <param name="request">A checked BLOCK_STATUS.</param>
    /// <param name="abort">Makes the device give up waiting.</param>
    public static IReadOnlyList<StatusPayload> Run(IReadOnlyList<StatusContext> contexts, Request request, CancellationToken abort) =>
        [.. contexts.Select(context => new StatusPayload(context.Number, Extents(context, request, abort)))];

    private static List<StatusExtent> Extents(StatusContext context, in Request request, CancellationToken abort)
    {
        var extents = new List<StatusExtent>();
        var (offset, end) = ((long)request.Offset, (long)(request.Offset + request.Length));
        while (offset < end)
        {
            var next = context.Source.GetAsync(offset, end - offset, abort).AsTask().GetAwaiter().GetResult();
            offset += next.Length;
            if (extents.Count > 0 && extents[^1].Status == next.Status)
                extents[^1] = next with { Length = extents[^1].Length + next.Length };
            else if (extents.Count < MaxExtents(request))
                extents.Add(next);
            else
                break;
        }

        return extents;
    }

    private static int MaxExtents(in Request request) => request.Flags.HasFlag(CommandFlags.OneExtent) ? 1 : NbdLimits.MaxExtents;
}
