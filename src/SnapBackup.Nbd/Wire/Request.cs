namespace SnapBackup.Nbd.Wire;

/// <summary>What a client asks for, whichever header it came in.</summary>
/// <param name="Flags">What goes with the command.</param>
/// <param name="Command">What is asked for.</param>
/// <param name="Cookie">Echoed in the reply.</param>
/// <param name="Offset">Where in the export, in bytes.</param>
/// <param name="Length">How many bytes it is about.</param>
/// <param name="HasPayload">Whether so many bytes follow the header, whatever becomes of the request.</param>
internal readonly record struct Request(CommandFlags Flags, Command Command, ulong Cookie, ulong Offset, ulong Length, bool HasPayload)
{
    /// <summary>How many bytes follow the header.</summary>
    public ulong PayloadLength => HasPayload ? Length : 0;
}
