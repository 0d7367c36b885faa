namespace SnapBackup.Module.Tests.Pester;

/// <summary>The folder behind <c>$TestDrive</c>: what a block leaves in it is gone when the block ends.</summary>
public sealed class PesterDrive(string path)
{
    private readonly Stack<HashSet<string>> _before = new();

    public string Path => path;

    public void Enter() => _before.Push([.. Entries()]);

    public void Leave()
    {
        var before = _before.Pop();
        // Innermost first, so that a folder is empty when its turn comes.
        foreach (var entry in Entries().Where(entry => !before.Contains(entry)).OrderByDescending(entry => entry.Length).ToList())
        {
            if (File.GetAttributes(entry).HasFlag(FileAttributes.Directory))
                Directory.Delete(entry);
            else
                File.Delete(entry);
        }
    }

    private IEnumerable<string> Entries() => Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories);
}
