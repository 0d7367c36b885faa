namespace SnapBackup.Benchmarks;

/// <summary>What the program was asked to do.</summary>
/// <param name="Only">Part of the names of the cases to run; null for all.</param>
/// <param name="JsonPath">Where the results go as JSON; null for nowhere.</param>
/// <param name="Folder">Where images and logs are made, some gibibytes: the disk that is measured.</param>
internal sealed record Arguments(string? Only, string? JsonPath, string Folder)
{
    public const string Usage = "engine [--only NAME] [--json FILE] [--folder FOLDER]";

    public static Arguments? TryParse(string[] args)
    {
        if (args is not ["engine", .. var options] || options.Length % 2 != 0)
            return null;
        var arguments = new Arguments(null, null, Path.GetTempPath());
        foreach (var option in options.Chunk(2))
        {
            switch (option[0])
            {
                case "--only":
                    arguments = arguments with { Only = option[1] };
                    break;
                case "--json":
                    arguments = arguments with { JsonPath = option[1] };
                    break;
                case "--folder":
                    arguments = arguments with { Folder = option[1] };
                    break;
                default:
                    return null;
            }
        }

        return arguments;
    }
}
