namespace SnapBackup.Nbd.Wire;

/// <summary>How an option is answered (NBD_REP_*).</summary>
internal enum OptionReplyType : uint
{
    Ack = 1,
    Server = 2,
    Info = 3,
    MetaContext = 4,
    ErrorUnsupported = 0x8000_0001,
    ErrorInvalid = 0x8000_0003,
    ErrorTlsRequired = 0x8000_0005,
    ErrorUnknown = 0x8000_0006,
    ErrorTooBig = 0x8000_0009,
    ErrorExtendedHeadersRequired = 0x8000_000a,
}
