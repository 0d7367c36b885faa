namespace SnapBackup.Benchmarks;

/// <summary>What the program was asked to do.</summary>
/// <param name="Suite">Which cases: <c>engine</c> or <c>peers</c>.</param>
/// <param name="Only">Part of the names of the cases to run; null for all.</param>
/// <param name="JsonPath">Where the results go as JSON; null for nowhere.</param>
/// <param name="Folder">Where images and logs are made, some gibibytes: the disk that is measured.</param>
internal sealed record Arguments(string Suite, string? Only, string? JsonPath, string Folder)
{
    public const string Usage = "engine|peers [--only NAME] [--json FILE] [--folder FOLDER]";

    /// <summary>The first word of the process that is measured.</summary>
    public const string Serve = "serve";

    public static Arguments? TryParse(string[] args)
    {
        if (args is not [var suite and ("engine" or "peers"), .. var options] || options.Length % 2 != 0)
            return null;
        var arguments = new Arguments(suite, null, null, Path.GetTempPath());
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
