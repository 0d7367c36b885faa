using SnapBackup.Nbd.Negotiation;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>
/// Looks at each request before anything is begun. What passes has a known command, only flags that go with it, at
/// least one byte, no more payload than allowed, lies inside the export and does not change a read-only one: nobody
/// behind it checks again.
/// </summary>
internal static class RequestCheck
{
    public static Refusal? Refuse(in Request request, NegotiatedExport export)
    {
        if (KnownFlags(request.Command, export) is not { } known)
            return new Refusal(NbdErrno.EINVAL, $"This server does not know command {(ushort)request.Command}.");
        if ((request.Flags & ~known) != CommandFlags.None)
            return new Refusal(NbdErrno.EINVAL, $"Flags 0x{(ushort)request.Flags:x} do not go with {request.Command}.");
        if (request.Command == Command.Flush)
        {
            return request is { Offset: 0, Length: 0 }
                ? null
                : new Refusal(NbdErrno.EINVAL, "A flush has neither offset nor length.");
        }

        if (request.Command is Command.Write or Command.WriteZeroes or Command.Trim && export.Flags.HasFlag(TransmissionFlags.ReadOnly))
            return new Refusal(NbdErrno.EPERM, "The export is read-only.");
        if (request.Command == Command.BlockStatus && export.Contexts.Count == 0)
            return new Refusal(NbdErrno.EINVAL, "No context was negotiated that could tell a status.");
        return RefuseRange(request, (ulong)export.Device.Size);
    }

    private static Refusal? RefuseRange(in Request request, ulong exportSize)
    {
        if (request.Length == 0)
            return new Refusal(NbdErrno.EINVAL, "The request is for no bytes.");
        if (request.Command is Command.Read or Command.Write && request.Length > NbdLimits.MaxPayload)
            return new Refusal(NbdErrno.EINVAL, $"The request is for {request.Length} bytes; {NbdLimits.MaxPayload} are allowed.");
        if (request.Length <= exportSize && request.Offset <= exportSize - request.Length)
            return null;
        // The protocol asks for ENOSPC where a disk would have had to grow.
        var error = request.Command is Command.Write or Command.WriteZeroes ? NbdErrno.ENOSPC : NbdErrno.EINVAL;
        return new Refusal(
            error, $"{request.Length} bytes at offset {request.Offset} reach outside the export, which has {exportSize} bytes.");
    }

    /// <summary>The flags that go with a command; null when the command itself is not known.</summary>
    private static CommandFlags? KnownFlags(Command command, NegotiatedExport export) => command switch
    {
        Command.Read when export.Form != ReplyForm.Simple => CommandFlags.ForceUnitAccess | CommandFlags.DontFragment,
        Command.Write when export.Form == ReplyForm.Extended => CommandFlags.ForceUnitAccess | CommandFlags.PayloadLength,
        Command.Read or Command.Write or Command.Flush or Command.Trim or Command.Cache => CommandFlags.ForceUnitAccess,
        Command.WriteZeroes => CommandFlags.ForceUnitAccess | CommandFlags.NoHole | CommandFlags.FastZero,
        Command.BlockStatus => CommandFlags.ForceUnitAccess | CommandFlags.OneExtent,
        _ => null,
    };
}
