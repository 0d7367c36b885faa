namespace SnapBackup.Nbd.Wire;

/// <summary>What an export can do (NBD_FLAG_*).</summary>
[Flags]
internal enum TransmissionFlags : ushort
{
    None = 0,
    HasFlags = 1,
    ReadOnly = 1 << 1,
    SendFlush = 1 << 2,
    SendForceUnitAccess = 1 << 3,
    SendTrim = 1 << 5,
    SendWriteZeroes = 1 << 6,
    SendDontFragment = 1 << 7,

    /// <summary>A flush on one connection covers what completed on all.</summary>
    CanMultiConnection = 1 << 8,
    SendCache = 1 << 10,
    SendFastZero = 1 << 11,
}
