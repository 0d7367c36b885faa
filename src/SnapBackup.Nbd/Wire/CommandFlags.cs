namespace SnapBackup.Nbd.Wire;

/// <summary>Flags of a request (NBD_CMD_FLAG_*).</summary>
[Flags]
internal enum CommandFlags : ushort
{
    None = 0,

    /// <summary>Reply only when the bytes are on the medium. Valid, if without meaning, on every command.</summary>
    ForceUnitAccess = 1,

    /// <summary>WRITE_ZEROES: keep the space allocated.</summary>
    NoHole = 2,

    /// <summary>READ: reply in one chunk.</summary>
    DontFragment = 4,

    /// <summary>BLOCK_STATUS: one extent of each context is enough.</summary>
    OneExtent = 8,

    /// <summary>WRITE_ZEROES: fail at once (ENOTSUP) rather than take as long as a write would.</summary>
    FastZero = 16,

    /// <summary>With extended headers: so many bytes of payload follow as the length says.</summary>
    PayloadLength = 32,
}
