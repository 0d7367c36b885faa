namespace SnapBackup.Nbd.Wire;

/// <summary>A piece of information about an export (NBD_INFO_*).</summary>
internal enum InfoType : ushort
{
    Export = 0,
    Name = 1,
    Description = 2,
    BlockSize = 3,
}
