namespace SnapBackup.Nbd.Tests;

internal static class CertificateFolderExtensions
{
    /// <summary>How a server speaks TLS with these certificates.</summary>
    public static NbdTls Tls(this CertificateFolder certificates, bool checksClients = false) =>
        NbdTls.Load(certificates["server-cert.pem"], certificates["server-key.pem"], checksClients ? certificates.Authorities : null);
}
