using System.Diagnostics.CodeAnalysis;
using SnapBackup.Control;

namespace SnapBackup.Service;

/// <summary>The command line of <c>snapbackupd</c>.</summary>
internal sealed record Arguments(Command Command, StateFolder State, string Socket, TcpArguments? Tcp)
{
    public const string Help = """
        snapbackupd: runs the backup jobs of a folder at their times

          snapbackupd [--state DIR] [--socket PATH] [--tcp ADDRESS:PORT [--tls-certificate FILE --tls-key FILE [--tls-client-ca FILE]]]
          snapbackupd --check [--state DIR]

          --state DIR    keeps jobs (DIR/jobs/*.json), runs and schedule; else $SNAPBACKUP_STATE, else
                         /var/lib/snapbackup for root and ~/.local/state/snapbackup for others
          --socket PATH  serves the devices over NBD there; else DIR/nbd.sock
          --tcp ADDRESS:PORT
                         serves them there too, as 127.0.0.1:10809; an address that other machines reach needs TLS
                         with the authority of the clients' certificates
          --tls-certificate FILE, --tls-key FILE
                         PEM files; clients over TCP must then speak TLS
          --tls-client-ca FILE
                         PEM file of who signs the certificates that clients must show
          --check        reads all job documents, prints what is wrong, and changes nothing
          --version      prints the version
          --help         prints this

        It ends on SIGTERM or SIGINT: runs under way are interrupted, and caught up at the next start; snapshots stay.
        Logging__LogLevel__SnapBackup=Debug in the environment logs more, Logging__Console__FormatterName=json as JSON.
        Exit codes: 0 done; 1 it failed, or --check found a problem; 2 the command line is wrong.
        """;

    /// <summary>Reads a command line.</summary>
    /// <param name="words">It.</param>
    /// <param name="arguments">What it asks for; null when it is wrong.</param>
    /// <param name="problem">What is wrong; null when nothing is.</param>
    public static bool TryParse(
        IReadOnlyList<string> words, [NotNullWhen(true)] out Arguments? arguments, [NotNullWhen(false)] out string? problem)
    {
        arguments = null;
        problem = null;
        var command = Command.Serve;
        string? state = null;
        string? socket = null;
        string? tcp = null;
        string? certificate = null;
        string? key = null;
        string? clientAuthorities = null;
        for (var index = 0; index < words.Count && problem is null; index++)
        {
            var (option, value) = Split(words[index]);
            switch (option)
            {
                case "--state":
                    problem = Take(words, ref index, option, value, ref state);
                    break;
                case "--socket":
                    problem = Take(words, ref index, option, value, ref socket);
                    break;
                case "--tcp":
                    problem = Take(words, ref index, option, value, ref tcp);
                    break;
                case "--tls-certificate":
                    problem = Take(words, ref index, option, value, ref certificate);
                    break;
                case "--tls-key":
                    problem = Take(words, ref index, option, value, ref key);
                    break;
                case "--tls-client-ca":
                    problem = Take(words, ref index, option, value, ref clientAuthorities);
                    break;
                case "--check" or "--help" or "-h" or "--version" when value is null:
                    command = CommandOf(option);
                    break;
                default:
                    problem = $"'{words[index]}' is no option of this program.";
                    break;
            }
        }

        if (problem is not null || !TcpArguments.TryMake(tcp, certificate, key, clientAuthorities, out var tcpArguments, out problem))
            return false;
        var folder = state is null ? StateFolder.Default : new StateFolder(Path.GetFullPath(state));
        arguments = new Arguments(command, folder, socket is null ? folder.Socket : Path.GetFullPath(socket), tcpArguments);
        return true;
    }

    private static (string Option, string? Value) Split(string word) =>
        word.Split('=', 2) is [var option, var value] ? (option, value) : (word, null);

    private static string? Take(IReadOnlyList<string> words, ref int index, string option, string? attached, ref string? target)
    {
        if (target is not null)
            return $"{option} is given twice.";
        if (attached is null && index + 1 < words.Count && !words[index + 1].StartsWith('-'))
            attached = words[++index];
        if (string.IsNullOrEmpty(attached))
            return $"{option} needs a value.";
        target = attached;
        return null;
    }

    private static Command CommandOf(string option) => option switch
    {
        "--check" => Command.Check,
        "--version" => Command.Version,
        _ => Command.Help,
    };
}
