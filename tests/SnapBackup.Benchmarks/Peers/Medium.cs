namespace SnapBackup.Benchmarks.Peers;

/// <summary>What images and logs are on.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Folder">Where it is mounted; null for the folder that the program was given.</param>
internal sealed record Medium(string Name, string? Folder)
{
    public static readonly Medium Memory = new("memory", "/dev/shm");
    public static readonly Medium Disk = new("disk", null);

    /// <summary>A folder on it, which the caller disposes.</summary>
    public WorkFolder MakeFolder(WorkFolder given) => new(Folder ?? given.Path);
}
