namespace SnapBackup.Nbd;

/// <summary>Why the server did not start, or why it gave up a connection.</summary>
public enum NbdError
{
    /// <summary>The socket's path is too long, its folder does not exist or may not be written.</summary>
    BadAddress,

    /// <summary>Another server listens at the path, or something that is not a socket is there.</summary>
    AddressInUse,

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
