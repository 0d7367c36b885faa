using SnapBackup.Benchmarks;
using SnapBackup.Benchmarks.Engine;
using SnapBackup.Benchmarks.Peers;
using SnapBackup.Benchmarks.Reporting;

if (args is [Arguments.Serve, .. var serving])
{
    await ServeCommand.RunAsync(serving);
    return 0;
}

if (Arguments.TryParse(args) is not { } arguments)
{
    Console.Error.WriteLine(Arguments.Usage);
    return 2;
}

ICase[] cases = arguments.Suite == "engine"
    ?
    [
        new MemoryOfPreservedBlocks(), new MemoryOfTracking(), new LargestSource(), new StartUnderLoad(), new ReopeningAfterCrash(),
        new WritesToTrackedRegions(), new LogAmplification(),
    ]
    :
    [
        new OriginAgainstPeers(Medium.Memory), new OriginAgainstPeers(Medium.Disk),
        new SnapshotAgainstQemu(Medium.Memory), new SnapshotAgainstQemu(Medium.Disk), new MemoryOverRequests(),
    ];
var chosen = cases.Where(one => arguments.Only is null || one.Name.Contains(arguments.Only, StringComparison.OrdinalIgnoreCase)).ToList();
if (chosen.Count == 0)
{
    Console.Error.WriteLine($"No case has '{arguments.Only}' in its name. There are: {string.Join(", ", cases.Select(one => one.Name))}.");
    return 2;
}

var results = new List<CaseResult>();
foreach (var one in chosen)
    await MeasureAsync(one);

if (arguments.JsonPath is { } path)
    await JsonReport.WriteAsync(path, results);
return results.TrueForAll(result => result.Met) ? 0 : 1;

// A method of its own, on a stack of its own, so that nothing of a case is held when the next one measures memory.
async Task MeasureAsync(ICase one)
{
    await Task.Yield();
    using var folder = new WorkFolder(arguments.Folder);
    await foreach (var result in one.RunAsync(folder))
    {
        Table.Print(result, isFirst: results.Count == 0);
        results.Add(result);
    }
}
