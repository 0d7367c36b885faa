namespace NightlyBackup;

/// <summary>A temporary folder for what the run needs, gone with all that is in it at the end.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("snapbackup-nightly-").FullName;

    public string this[string name] => Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
