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

    /// <summary>The certificates between the server's and its authority, which clients are shown too.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>Who signs the certificates that clients must show. None: any client may connect, and must be kept away by other means.</summary>
    public X509Certificate2Collection ClientAuthorities { get; init; } = [];

    /// <summary>Whether clients must begin TLS before anything else; otherwise they may.</summary>
    public bool IsRequired { get; init; } = true;

    internal bool ChecksClients => ClientAuthorities.Count > 0;

    /// <summary>Reads certificates from PEM files.</summary>
    /// <param name="certificatePath">The server's certificate, and behind it those between it and its authority.</param>
    /// <param name="keyPath">Its private key, not encrypted.</param>
    /// <param name="clientAuthoritiesPath">The authorities of the clients' certificates; null to ask for none.</param>
    /// <exception cref="NbdException"><see cref="NbdError.BadCertificate"/>: a file cannot be read or is not what it should be.</exception>
    public static NbdTls Load(string certificatePath, string keyPath, string? clientAuthoritiesPath = null)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
            return new NbdTls
            {
                Certificate = certificate,
                Intermediates = [.. Import(certificatePath).Skip(1)],
                ClientAuthorities = clientAuthoritiesPath is null ? [] : Authorities(clientAuthoritiesPath),
            };
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new NbdException(
                NbdError.BadCertificate,
                $"{certificatePath}, {keyPath}{(clientAuthoritiesPath is null ? "" : $", {clientAuthoritiesPath}")}: the certificates cannot be used: "
                + $"{failure.Message} Give PEM files: a certificate, its own key without a passphrase, and the authorities of the clients.",
                failure);
        }
    }

    internal SslServerAuthenticationOptions ToServerOptions() => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(Certificate, Intermediates, offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = ChecksClients,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => !ChecksClients || IsTrusted(certificate),
    };

    private static X509Certificate2Collection Authorities(string path) =>
        Import(path) is { Count: > 0 } authorities ? authorities : throw new CryptographicException($"There is no certificate in {path}.");

    private static X509Certificate2Collection Import(string path)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(path);
        return certificates;
    }

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
