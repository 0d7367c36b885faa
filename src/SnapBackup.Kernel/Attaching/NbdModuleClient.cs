using System.Diagnostics;
using SnapBackup.Blocks.Linux;
using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Attaching;

/// <summary>Attaches through the kernel's own client, the module nbd, which nbd-client connects.</summary>
internal sealed class NbdModuleClient : IKernelClient
{
    private const string Module = "/sys/module/nbd";

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether the module is there, or can be loaded, and its program is installed.</summary>
    public static async Task<bool> IsAvailableAsync(CancellationToken cancellationToken)
    {
        if (SystemTool.Find("nbd-client") is null)
            return false;
        if (Directory.Exists(Module))
            return true;
        return SystemTool.Find("modprobe") is { } modprobe
            && (await modprobe.RunAsync(cancellationToken, "--quiet", "nbd").ConfigureAwait(false)).Succeeded && Directory.Exists(Module);
    }

    /// <summary>Who connected an nbd device; null while nobody has.</summary>
    public static string? ClientOf(string device) => Sysfs.TryRead($"/sys/block/{Path.GetFileName(device)}/pid");

    /// <summary>What nbd-client is given. File systems may have sectors of 512 bytes, and some versions of it would make larger ones.</summary>
    public static IReadOnlyList<string> ArgumentsFor(ExportAddress export, string device) =>
        ["-unix", export.Socket, device, "-N", export.Name, "-block-size", "512"];

    /// <inheritdoc/>
    public AttachmentRecord Plan(AttachmentRecord record) => record;

    /// <inheritdoc/>
    public async Task<AttachmentRecord> ConnectAsync(AttachmentRecord record, AttachmentRegistry registry, CancellationToken cancellationToken)
    {
        var client = SystemTool.Get("nbd-client", "nbd-client");
        var refusal = "all are connected";
        foreach (var device in Directory.EnumerateFileSystemEntries("/sys/block", "nbd*").Select(path => $"/dev/{Path.GetFileName(path)}").Order(StringComparer.Ordinal))
        {
            if (ClientOf(device) is not null)
                continue;

            // Another process may take it at this moment: then it is the next one's turn.
            var connected = await client.RunAsync(cancellationToken, ArgumentsFor(record.Export, device)).ConfigureAwait(false);
            if (connected.Succeeded)
                return await RegisterAsync(record with { BlockDevice = device }, registry, cancellationToken).ConfigureAwait(false);
            refusal = connected.Complaint;
        }

        throw new KernelException(
            KernelError.NoFreeDevice, $"{record.Export.Uri}: no nbd device took it: {refusal}. Disconnect one that is not needed (nbd-client -d), or load the module with more (nbds_max).");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The kernel is the client: there is no process to hold.
    }

    private static async Task<AttachmentRecord> RegisterAsync(AttachmentRecord record, AttachmentRegistry registry, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        string? client;
        while ((client = ClientOf(record.BlockDevice!)) is null)
        {
            if (Stopwatch.GetElapsedTime(begin) > ConnectLimit)
            {
                throw new KernelException(
                    KernelError.AttachTimeout, $"{record.Export.Uri}: {record.BlockDevice} was not connected within {ConnectLimit.TotalSeconds:0} seconds. Look at the kernel's log (dmesg), and try again.");
            }

            await Task.Delay(LookAgain, cancellationToken).ConfigureAwait(false);
        }

        record = record with { NbdClient = client };
        registry.Write(record);
        return record;
    }
}
