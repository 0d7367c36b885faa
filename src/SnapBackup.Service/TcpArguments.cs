using System.Diagnostics.CodeAnalysis;
using System.Net;
using SnapBackup.Nbd;

namespace SnapBackup.Service;

/// <summary>Where devices are served over TCP, and with which certificates.</summary>
/// <param name="Address">The address and port.</param>
/// <param name="Certificate">The file of the server's certificate; null without TLS.</param>
/// <param name="Key">The file of its key; null without TLS.</param>
/// <param name="ClientAuthorities">The file of who signs the clients' certificates; null to ask for none.</param>
internal sealed record TcpArguments(IPEndPoint Address, string? Certificate, string? Key, string? ClientAuthorities)
{
    private const int DefaultPort = 10809;

    /// <summary>Puts the options together.</summary>
    /// <param name="address">What was given as address; null for nothing, and then there is to be no other option.</param>
    /// <param name="certificate">Likewise.</param>
    /// <param name="key">Likewise.</param>
    /// <param name="clientAuthorities">Likewise.</param>
    /// <param name="arguments">Null without an address.</param>
    /// <param name="problem">What does not fit together.</param>
    public static bool TryMake(
        string? address, string? certificate, string? key, string? clientAuthorities, out TcpArguments? arguments, [NotNullWhen(false)] out string? problem)
    {
        arguments = null;
        problem = null;
        if (address is null)
        {
            if ((certificate ?? key ?? clientAuthorities) is not null)
                problem = "The --tls options go with --tcp.";
        }
        else if (!TryParse(address, out var endPoint))
        {
            problem = $"'{address}' is no IP address with a port, such as 127.0.0.1:{DefaultPort} or [::1]:{DefaultPort}.";
        }
        else if (certificate is null != key is null || (clientAuthorities is not null && certificate is null))
        {
            problem = "--tls-certificate, --tls-key and, if clients are to show theirs, --tls-client-ca go together.";
        }
        else
        {
            arguments = new TcpArguments(endPoint, certificate, key, clientAuthorities);
        }

        return problem is null;
    }

    /// <summary>Reads the certificates.</summary>
    /// <exception cref="NbdException"><see cref="NbdError.BadCertificate"/>.</exception>
    public NbdTls? LoadTls() => Certificate is null || Key is null ? null : NbdTls.Load(Certificate, Key, ClientAuthorities);

    private static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? address)
    {
        if (!IPAddress.TryParse(text, out var withoutPort))
            return IPEndPoint.TryParse(text, out address);
        address = new IPEndPoint(withoutPort, DefaultPort);
        return true;
    }
}
