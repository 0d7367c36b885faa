namespace SnapBackup.CrashTests.Simulation;

/// <summary>Which of the sectors that are not durable outlive a power cut.</summary>
/// <param name="Name">What a report calls it.</param>
/// <param name="Survives">Whether a sector of an operation reached the medium.</param>
internal sealed record SurvivalPattern(string Name, Func<PendingSector, bool> Survives)
{
    /// <summary>The most boundaries inside one write at which it is torn.</summary>
    private const int MostTears = 12;

    public static SurvivalPattern Nothing { get; } = new("nothing", _ => false);

    public static SurvivalPattern Everything { get; } = new("everything", _ => true);

    /// <summary>One disk's writes, and none of the others'.</summary>
    public static SurvivalPattern OnlyOn(string disk) => new($"only what {disk} was sent", pending => pending.Operation.Disk == disk);

    public static SurvivalPattern AllButOn(string disk) => new($"all but what {disk} was sent", pending => pending.Operation.Disk != disk);

    public static SurvivalPattern EverySecondSector(int first) =>
        new($"every second sector from {first}", pending => pending.Sector % 2 == first);

    /// <summary>Each sector with a chance of one half.</summary>
    public static SurvivalPattern RandomSectors(int seed) => new(
        $"sectors at random ({seed})", pending => IsHeads(seed, pending.Operation.BeganAt, pending.Sector));

    /// <summary>Each operation wholly or not at all, with a chance of one half.</summary>
    public static SurvivalPattern RandomOperations(int seed) => new(
        $"operations at random ({seed})", pending => IsHeads(seed, pending.Operation.BeganAt, -1));

    /// <summary>The patterns that every instant is tried with.</summary>
    /// <param name="instant">The instant.</param>
    /// <param name="seed">For the random ones.</param>
    public static IEnumerable<SurvivalPattern> Chosen(PowerCut instant, int seed)
    {
        yield return Nothing;
        yield return Everything;
        foreach (var disk in instant.Disks)
        {
            yield return OnlyOn(disk);
            yield return AllButOn(disk);
        }

        yield return EverySecondSector(0);
        yield return EverySecondSector(1);
        yield return RandomOperations(seed);
        yield return RandomSectors(seed);
        if (instant.InFlight is not { } last)
            yield break;
        yield return new("only the last operation", pending => pending.Operation == last);
        yield return new("all but the last operation", pending => pending.Operation != last);
        foreach (var boundary in Tears(last.SectorCount))
        {
            yield return new($"all, the last operation up to its sector {boundary}", pending => pending.Operation != last || pending.Ordinal < boundary);
            yield return new($"all, the last operation from its sector {boundary}", pending => pending.Operation != last || pending.Ordinal >= boundary);
        }
    }

    /// <summary>The sector boundaries inside a write: all of a small one, the first and last ones of a large one.</summary>
    private static IEnumerable<int> Tears(int sectors) =>
        Enumerable.Range(1, Math.Max(0, sectors - 1)).Where(boundary => Math.Min(boundary, sectors - boundary) <= MostTears / 2);

    private static bool IsHeads(int seed, int operation, int sector)
    {
        // SplitMix64's finaliser: the same coin in every process.
        var x = ((ulong)(uint)seed << 32) ^ ((ulong)(uint)operation * 0x9E37_79B9_7F4A_7C15) ^ ((ulong)(uint)sector * 0xD1B5_4A32_D192_ED03);
        x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9;
        x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB;
        return ((x ^ (x >> 31)) & 1) == 0;
    }
}
