namespace SnapBackup.Nbd.Wire;

/// <summary>What a structured reply chunk carries (NBD_REPLY_TYPE_*).</summary>
internal enum ChunkType : ushort
{
    OffsetData = 1,
    Error = 0x8001,
}
