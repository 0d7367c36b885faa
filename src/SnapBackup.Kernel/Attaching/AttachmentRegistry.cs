using System.Text.Json;
using System.Text.Json.Serialization;

namespace SnapBackup.Kernel.Attaching;

/// <summary>
/// The attachments of all processes of a user, each a JSON file in a folder that does not survive a reboot, as the attachments do not.
/// </summary>
/// <param name="folder">The folder; made when it is first needed.</param>
public sealed class AttachmentRegistry(string folder)
{
    private const string Extension = ".json";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>That of root in <c>/run/snapbackup</c>, those of others in their runtime folder (<c>XDG_RUNTIME_DIR</c>).</summary>
    public static AttachmentRegistry Default { get; } = new(Path.Combine(RuntimeFolder, "snapbackup"));

    private static string RuntimeFolder => Environment.IsPrivilegedProcess
        ? "/run"
        : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } ofUser ? Path.GetFullPath(ofUser) : Path.GetTempPath();

    private string Records => Path.Combine(folder, "attachments");

    /// <summary>The folder that nbdfuse mounts on for an attachment.</summary>
    internal string FuseFolderOf(Guid id) => Path.Combine(folder, "fuse", id.ToString("N"));

    /// <summary>Where something is mounted when no folder is named.</summary>
    /// <param name="name">What it is called.</param>
    public string MountPointOf(string name) => Path.Combine(folder, "mnt", name);

    /// <summary>Writes a record, durably, in place of that of the same attachment.</summary>
    /// <exception cref="KernelException"><see cref="KernelError.RegistryUnusable"/>.</exception>
    internal void Write(AttachmentRecord record)
    {
        var path = PathOf(record.Id);
        try
        {
            Directory.CreateDirectory(Records, OwnerOnly);
            using (var file = new FileStream($"{path}.new", FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(file, record, Json);
                file.Flush(flushToDisk: true);
            }

            File.Move($"{path}.new", path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(error);
        }
    }

    /// <summary>Forgets an attachment of which nothing is left.</summary>
    internal void Delete(Guid id)
    {
        try
        {
            File.Delete(PathOf(id));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(error);
        }
    }

    /// <summary>The attachments of processes that are gone.</summary>
    internal IReadOnlyList<AttachmentRecord> ReadLeft()
    {
        if (!Directory.Exists(Records))
            return [];
        try
        {
            return [.. Directory.EnumerateFiles(Records, $"*{Extension}").Select(TryRead).OfType<AttachmentRecord>().Where(record => !record.Owner.IsAlive)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(error);
        }
    }

    /// <remarks>A file that is no record was not written by us; one that is gone was cleaned up by another process just now.</remarks>
    private static AttachmentRecord? TryRead(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize<AttachmentRecord>(file, Json);
        }
        catch (Exception error) when (error is JsonException or FileNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(Guid id) => Path.Combine(Records, $"{id:N}{Extension}");

    private KernelException Unusable(Exception error) => new(
        KernelError.RegistryUnusable,
        $"{folder}: attachments cannot be registered there: {error.Message} Make it a folder that you may write (others than root: let XDG_RUNTIME_DIR name one).",
        error);
}
