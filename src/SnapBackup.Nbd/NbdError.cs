namespace SnapBackup.Nbd;

/// <summary>Why the server did not start, or why it gave up a connection.</summary>
public enum NbdError
{
    /// <summary>The socket's path is too long, its folder does not exist or may not be written; or the address is none of this machine's.</summary>
    BadAddress,

    /// <summary>Another server listens there, or something that is not a socket is at the path.</summary>
    AddressInUse,

    /// <summary>Other machines would reach the server, and it does not ask for their certificates.</summary>
    TlsNeeded,

    /// <summary>A certificate or its key cannot be read or used.</summary>
    BadCertificate,

    /// <summary>As many clients as allowed were connected; the new one was turned away.</summary>
    TooManyConnections,

    /// <summary>The client did not finish its negotiation in time.</summary>
    HandshakeTimeout,

    /// <summary>TLS could not be agreed on with the client, or its certificate was not accepted.</summary>
    TlsFailed,

    /// <summary>The client asked for an export that does not exist.</summary>
    UnknownExport,

    /// <summary>The client sent what is not the protocol, so that its stream could not be followed any longer.</summary>
    ProtocolViolation,

    /// <summary>Something else failed; the inner exception says what. Other connections are not affected.</summary>
    ConnectionFailed,
}
