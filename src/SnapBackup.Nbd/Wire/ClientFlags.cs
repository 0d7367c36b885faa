namespace SnapBackup.Nbd.Wire;

/// <summary>What the client answers to the hello (NBD_FLAG_C_*), four bytes.</summary>
[Flags]
internal enum ClientFlags : uint
{
    None = 0,
    FixedNewstyle = 1,
    NoZeroes = 2,
}
