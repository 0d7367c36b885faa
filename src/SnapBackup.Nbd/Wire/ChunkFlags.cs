namespace SnapBackup.Nbd.Wire;

/// <summary>Flags of a structured reply chunk (NBD_REPLY_FLAG_*).</summary>
[Flags]
internal enum ChunkFlags : ushort
{
    None = 0,

    /// <summary>The last chunk of its reply.</summary>
    Done = 1,
}
