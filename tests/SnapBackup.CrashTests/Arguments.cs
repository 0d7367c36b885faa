using System.Globalization;

namespace SnapBackup.CrashTests;

/// <summary>What the program was asked to do.</summary>
/// <param name="Limit">For how long it runs.</param>
/// <param name="Seed">Chooses whatever is left to chance.</param>
internal sealed record Arguments(TimeSpan Limit, int Seed)
{
    public const string Usage = """
        Cuts the power of a simulated machine at every instant and looks at what the snapshot engine makes of it.

          --minutes M   how long to run (default 10); every sequence of up to 3 operations takes some minutes, random runs get the rest
          --seed S      repeats what a run with this seed did
        """;

    private const double DefaultMinutes = 10;

    public static bool TryParse(string[] args, int freshSeed, out Arguments arguments)
    {
        arguments = new Arguments(TimeSpan.FromMinutes(DefaultMinutes), freshSeed);
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length)
                return false;
            switch (args[i])
            {
                case "--minutes" when double.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 100_000:
                    arguments = arguments with { Limit = TimeSpan.FromMinutes(minutes) };
                    break;
                case "--seed" when int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var seed):
                    arguments = arguments with { Seed = seed };
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
