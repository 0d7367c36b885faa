namespace SnapBackup.Nbd;

/// <summary>The limits of a server and where it reports to.</summary>
public sealed record NbdServerOptions
{
    /// <summary>How many clients may be connected at once; further ones are turned away.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>How to speak TLS; null when clients cannot begin it.</summary>
    public NbdTls? Tls { get; init; }

    /// <summary>How long a client may take to negotiate before it is cut off.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long, when the server stops, the requests in flight may take before their clients are cut off.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Told of each connection that was refused or did not end by its client's wish, on a thread of the server. It must
    /// return soon and not throw.
    /// </summary>
    public Action<NbdException>? OnConnectionFailed { get; init; }

    /// <summary>What measures the timeouts.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
