namespace SnapBackup.Nbd.Wire;

/// <summary>What the client asks for while it negotiates (NBD_OPT_*). Others are answered with ERR_UNSUP.</summary>
internal enum Option : uint
{
    ExportName = 1,
    Abort = 2,
    List = 3,
    StartTls = 5,
    Info = 6,
    Go = 7,
    StructuredReply = 8,
    ListMetaContext = 9,
    SetMetaContext = 10,
    ExtendedHeaders = 11,
}
