namespace SnapBackup.Nbd.Wire;

/// <summary>What a structured reply chunk carries (NBD_REPLY_TYPE_*).</summary>
internal enum ChunkType : ushort
{
    None = 0,
    OffsetData = 1,
    BlockStatus = 5,
    ExtendedBlockStatus = 6,
    Error = 0x8001,
}
