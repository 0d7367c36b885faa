namespace SnapBackup.Benchmarks;

/// <summary>A folder for images and logs that is deleted with all that is in it.</summary>
internal sealed class WorkFolder : IDisposable
{
    private readonly DirectoryInfo _folder;

    public WorkFolder(string parent) => _folder = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"bench-{System.IO.Path.GetRandomFileName()}"));

    public string Path => _folder.FullName;

    public string this[string name] => System.IO.Path.Combine(_folder.FullName, name);

    /// <summary>Makes a sparse file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <returns>Its path.</returns>
    public string MakeSparse(string name, long size)
    {
        using var file = File.Create(this[name]);
        file.SetLength(size);
        return this[name];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
