namespace NightlyBackup;

/// <summary>What the command line asks for.</summary>
/// <param name="Source">The disk or image to back up; null for a disk made for the occasion.</param>
/// <param name="Store">The folder to keep the archive in; null for one made for the occasion.</param>
internal sealed record Arguments(string? Source, string? Store)
{
    public const string Usage = """
        usage: NightlyBackup [--source PATH] [--store DIR]
          --source PATH   back this disk or image up; it is only read, and nobody else may use it meanwhile
                          (default: an ext4 image is made and kept busy while it is backed up)
          --store DIR     keep the archive in this folder (default: a temporary one, removed at the end)
        """;

    /// <summary>Null when the words are not an argument list of ours.</summary>
    public static Arguments? Parse(IReadOnlyList<string> words)
    {
        var arguments = new Arguments(null, null);
        for (var i = 0; i < words.Count; i += 2)
        {
            if (i + 1 == words.Count)
                return null;
            switch (words[i])
            {
                case "--source":
                    arguments = arguments with { Source = Path.GetFullPath(words[i + 1]) };
                    break;
                case "--store":
                    arguments = arguments with { Store = Path.GetFullPath(words[i + 1]) };
                    break;
                default:
                    return null;
            }
        }

        return arguments;
    }
}
