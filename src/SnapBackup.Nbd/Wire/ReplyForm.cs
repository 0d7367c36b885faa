namespace SnapBackup.Nbd.Wire;

/// <summary>How requests and replies look on a connection: each form that is negotiated takes the place of the one before.</summary>
internal enum ReplyForm
{
    /// <summary>Simple replies alone.</summary>
    Simple,

    /// <summary>Chunks where there is more to say than "done" (STRUCTURED_REPLY).</summary>
    Structured,

    /// <summary>Chunks always, and 64-bit lengths (EXTENDED_HEADERS).</summary>
    Extended,
}
