using System.Security.Cryptography;
using System.Text;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>
/// Which archives a job's retention may remove: those made on this machine, by a job of this name, of this source.
/// </summary>
internal static class ArchiveSeries
{
    /// <summary>machine-id(5): names the installation, for ever and nowhere else.</summary>
    private const string MachineIdFile = "/etc/machine-id";

    public static Guid Of(JobDocument job)
    {
        var text = string.Join('\0', MachineId(), job.Name, job.Source);
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    private static string MachineId() =>
        File.Exists(MachineIdFile) && File.ReadAllText(MachineIdFile).Trim() is { Length: > 0 } id ? id : Environment.MachineName;
}
