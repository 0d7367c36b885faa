using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SnapBackup.Testing;

/// <summary>
/// An authority and certificates that it signed, in a folder as libnbd and QEMU want it: <c>ca-cert.pem</c>, <c>server-cert.pem</c> and
/// <c>client-cert.pem</c> with their keys.
/// </summary>
public sealed class CertificateFolder : IDisposable
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset End = Begin.AddYears(200);

    private readonly TempFolder _folder = new();

    /// <summary>Makes the folder, with keys that nobody had before.</summary>
    public CertificateFolder()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        using var authority = request.CreateSelfSigned(Begin, End);
        File.WriteAllText(Authorities, authority.ExportCertificatePem());
        Sign(authority, "server", ServerPurpose, End);
        Sign(authority, "client", ClientPurpose, End);
        Sign(authority, "expired", ClientPurpose, Begin.AddYears(1));
    }

    /// <summary>The folder.</summary>
    public string Path => _folder.Path;

    /// <summary>The file of the authority's certificate.</summary>
    public string Authorities => this["ca-cert.pem"];

    /// <summary>The path of a file in it.</summary>
    public string this[string name] => _folder[name];

    /// <summary>One of <c>server</c>, <c>client</c> and <c>expired</c>; the caller disposes it.</summary>
    public X509Certificate2 Certificate(string name) => X509Certificate2.CreateFromPemFile(this[$"{name}-cert.pem"], this[$"{name}-key.pem"]);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private void Sign(X509Certificate2 authority, string name, string purpose, DateTimeOffset end)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, Begin, end, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(this[$"{name}-cert.pem"], certificate.ExportCertificatePem());
        File.WriteAllText(this[$"{name}-key.pem"], key.ExportPkcs8PrivateKeyPem());
    }
}
