namespace SnapBackup.Nbd;

/// <summary>What a client may ask of the server; beyond it is refused, not attempted.</summary>
internal static class NbdLimits
{
    /// <summary>The largest READ or WRITE, in bytes; the protocol's default, which every client expects to work.</summary>
    public const int MaxPayload = 32 << 20;

    /// <summary>The longest export name, in bytes of UTF-8; the protocol's limit for strings.</summary>
    public const int MaxNameLength = 4096;

    /// <summary>The most data an option may carry, in bytes: a name and every information type there is, with room.</summary>
    public const int MaxOptionLength = 16 << 10;

    /// <summary>How much of an error's message is sent, in bytes of UTF-8.</summary>
    public const int MaxMessageLength = 1024;

    /// <summary>How many contexts a client may choose for an export.</summary>
    public const int MaxContexts = 16;

    /// <summary>How many extents of a context a reply tells at the most; clients ask again for the rest.</summary>
    public const int MaxExtents = 1024;

    /// <summary>The largest payload that is received to be thrown away, in bytes; a client that announces more is cut off.</summary>
    public const ulong MaxSkippedPayload = uint.MaxValue;

    /// <summary>How many requests of one connection may wait for the device; then no more is received.</summary>
    public const int MaxRequestsInFlight = 256;

    /// <summary>How many bytes the requests that wait for the device may hold; the request that reaches it is the last one begun.</summary>
    public const long MaxBytesInFlight = 2L * MaxPayload;
}
