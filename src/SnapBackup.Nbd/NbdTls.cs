using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SnapBackup.Nbd;

/// <summary>How a server speaks TLS: version 1.2 or later, without a way back into clear text.</summary>
public sealed record NbdTls
{
    /// <summary>TLS Web Client Authentication, the purpose that a client's certificate must serve.</summary>
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>The server's certificate with its private key; stays the caller's.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Who signs the certificates that clients must show. None: any client may connect, and must be kept away by other means.</summary>
    public X509Certificate2Collection ClientAuthorities { get; init; } = [];

    /// <summary>Whether clients must begin TLS before anything else; otherwise they may.</summary>
    public bool IsRequired { get; init; } = true;

    internal bool ChecksClients => ClientAuthorities.Count > 0;

    internal SslServerAuthenticationOptions ToServerOptions() => new()
    {
        ServerCertificate = Certificate,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = ChecksClients,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => !ChecksClients || IsTrusted(certificate),
    };

    private bool IsTrusted(X509Certificate? certificate)
    {
        if (certificate is null)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(ClientAuthorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        using var client = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(client);
    }
}
