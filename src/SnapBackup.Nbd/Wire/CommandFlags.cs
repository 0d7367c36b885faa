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
}
