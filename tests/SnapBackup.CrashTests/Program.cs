using SnapBackup.CrashTests;
using SnapBackup.CrashTests.Mutations;
using SnapBackup.CrashTests.Running;
using SnapBackup.CrashTests.Scenarios;

// Where to read on: SequenceState has the operations that are tried, Explorer cuts the power, Medium has the fault model, Verdict says what is wrong.

const int LongestSequence = 3;
const int CrowdedALong = 16;

if (!Arguments.TryParse(args, Random.Shared.Next(), out var arguments))
{
    Console.Error.WriteLine(Arguments.Usage);
    return 2;
}

var time = TimeProvider.System;
var began = time.GetTimestamp();
var campaign = new Campaign(Mutation.None, time) { Report = violation => Console.WriteLine($"seed {arguments.Seed}\n{violation}") };
using var progress = time.CreateTimer(_ => Tell("…"), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
Console.WriteLine($"seed {arguments.Seed}");

// Short ones first; the many long ones in random order, so that a run that is too short for all has tried some of every kind.
var random = new Random(arguments.Seed);
for (var length = 0; length <= LongestSequence && campaign.Violations.Count == 0; length++)
{
    var sequences = Sequences.OfLength(length, arguments.Seed).ToArray();
    random.Shuffle(sequences);
    var all = await campaign.RunSequencesAsync(sequences, (arguments.Limit * 2 / 3) - time.GetElapsedTime(began));
    Tell($"{sequences.Length} sequences of {length} operations{(all ? "" : ", not all of them tried")}");
}

if (campaign.Violations.Count == 0)
{
    var runs = Enumerable.Range(0, int.MaxValue).Select(number => unchecked(arguments.Seed + number)).Select(
        (seed, number) => number % CrowdedALong == 0 ? RandomScenarios.Create(seed) : CrowdedScenarios.Create(seed));
    await campaign.RunLongAsync(runs, arguments.Limit - time.GetElapsedTime(began));
    Tell("random runs");
}

return campaign.Violations.Count == 0 ? 0 : 1;

void Tell(string what) => Console.WriteLine(
    $"{time.GetElapsedTime(began):hh\\:mm\\:ss}  {what}; so far {campaign.Tally.Scenarios} scenarios, {campaign.Tally.CrashPoints} crash points, "
    + $"{campaign.Tally.Recoveries} recoveries, {campaign.Violations.Count} violations");
