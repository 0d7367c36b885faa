using System.Diagnostics;
using SnapBackup.Blocks;
using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Attaching;

/// <summary>
/// Attaches without a module of the kernel: nbdfuse shows the export as a file, with one connection, and a loop device stands on it, read-only
/// where the export is.
/// </summary>
internal sealed class FuseLoopClient : IKernelClient
{
    private const string FileName = "nbd";

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    private Process? _nbdfuse;
    private Task<string>? _complaints;

    /// <summary>The file that stands for the export. The kernel knows the loop device by it.</summary>
    public static string FileOf(AttachmentRecord record) => Path.Combine(record.FuseFolder!, FileName);

    /// <summary>The loop device on an attachment's file; null when there is none.</summary>
    public static BlockNode? LoopOn(AttachmentRecord record) => Directory.EnumerateFileSystemEntries("/sys/block", "loop*")
        .Select(path => new BlockNode(Path.GetFileName(path)))
        .Where(node => FileOf(record).Equals(node.LoopFile, StringComparison.Ordinal))
        .Select(node => (BlockNode?)node)
        .FirstOrDefault();

    /// <inheritdoc/>
    public AttachmentRecord Plan(AttachmentRecord record)
    {
        _ = SystemTool.Get("nbdfuse", "nbdfuse");
        _ = SystemTool.Get("losetup", "mount");
        return record;
    }

    /// <inheritdoc/>
    public async Task<AttachmentRecord> ConnectAsync(AttachmentRecord record, AttachmentRegistry registry, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(record.FuseFolder!);

        // In a session of its own: a Ctrl-C at the terminal must not take the disk from under a file system. One connection: see IBlockDevice.IsPrivate.
        _nbdfuse = SystemTool.Get("setsid", "util-linux").Start("nbdfuse", "-C", "1", record.FuseFolder!, record.Export.Uri);
        _nbdfuse.StandardInput.Close();
        _complaints = _nbdfuse.StandardError.ReadToEndAsync(CancellationToken.None);
        record = record with { FuseProcess = ProcessIdentity.Of(_nbdfuse.Id) };
        registry.Write(record);

        await WaitForFileAsync(record, cancellationToken).ConfigureAwait(false);
        var isReadOnly = !File.GetUnixFileMode(FileOf(record)).HasFlag(UnixFileMode.UserWrite);
        var losetup = await SystemTool.Get("losetup", "mount").RunAsync(
            cancellationToken, ["--find", "--show", "--partscan", .. isReadOnly ? ["--read-only"] : Array.Empty<string>(), FileOf(record)]).ConfigureAwait(false);
        if (!losetup.Succeeded)
        {
            throw new KernelException(
                losetup.Error.Contains("unused loop device", StringComparison.Ordinal) ? KernelError.NoFreeDevice : KernelError.AttachFailed,
                $"{record.Export.Name}: no loop device could be set up: {losetup.Complaint}. Detach one that is not needed (losetup -a lists them), or load the module loop.");
        }

        record = record with { BlockDevice = losetup.Output.Trim() };
        registry.Write(record);
        return record;
    }

    /// <inheritdoc/>
    public void Dispose() => _nbdfuse?.Dispose();

    private async Task WaitForFileAsync(AttachmentRecord record, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!File.Exists(FileOf(record)))
        {
            if (_nbdfuse!.HasExited)
            {
                var complaints = await _complaints!.ConfigureAwait(false);
                throw new KernelException(
                    KernelError.AttachFailed, $"{record.Export.Uri}: {new ToolOutcome("nbdfuse", _nbdfuse.ExitCode, "", complaints).Complaint}. Check that the export is served, and that /dev/fuse may be used.");
            }

            if (Stopwatch.GetElapsedTime(begin) > ConnectLimit)
            {
                throw new KernelException(
                    KernelError.AttachTimeout, $"{record.Export.Uri}: nbdfuse did not show it within {ConnectLimit.TotalSeconds:0} seconds. Look whether its server answers (nbdinfo), and try again.");
            }

            await Task.Delay(LookAgain, cancellationToken).ConfigureAwait(false);
        }
    }
}
