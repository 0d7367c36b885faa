using System.Diagnostics.CodeAnalysis;

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
          --store DIR     keep the archive in this folder, which exists
                          (default: a temporary one, removed at the end)
        The archive is restored into the temporary folder ($TMPDIR) to be compared, which takes the room of the disk's data there.
        """;

    public static bool TryParse(
        IReadOnlyList<string> words, [NotNullWhen(true)] out Arguments? arguments, [NotNullWhen(false)] out string? problem)
    {
        var parsed = new Arguments(null, null);
        (arguments, problem) = (null, null);
        for (var i = 0; i < words.Count && problem is null; i += 2)
        {
            var value = i + 1 < words.Count ? Path.GetFullPath(words[i + 1]) : null;
            switch (words[i])
            {
                case "--source" or "--store" when value is null:
                    problem = $"{words[i]} needs a value.";
                    break;
                case "--source":
                    parsed = parsed with { Source = value };
                    break;
                case "--store":
                    parsed = parsed with { Store = value };
                    break;
                default:
                    problem = $"'{words[i]}' is no option.";
                    break;
            }
        }

        if (problem is not null)
            return false;
        arguments = parsed;
        return true;
    }
}
