namespace SnapBackup.Nbd.Wire;

/// <summary>What the server says of itself in its hello (NBD_FLAG_*).</summary>
[Flags]
internal enum HandshakeFlags : ushort
{
    None = 0,
    FixedNewstyle = 1,
    NoZeroes = 2,
}
