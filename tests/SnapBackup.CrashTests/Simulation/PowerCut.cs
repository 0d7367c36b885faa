namespace SnapBackup.CrashTests.Simulation;

/// <summary>The disks of a machine at a position of its trace, which moves forward: what a power cut there may leave.</summary>
internal sealed class PowerCut
{
    private readonly SimulatedMachine _machine;
    private readonly Dictionary<string, Medium> _media;

    public PowerCut(SimulatedMachine machine)
    {
        _machine = machine;
        _media = machine.Images.ToDictionary(image => image.Key, image => new Medium(image.Value));
    }

    /// <summary>How many events have happened.</summary>
    public int Position { get; private set; }

    /// <summary>The write, write-zeroes or trim of a disk that began as the very last event before the cut; else null.</summary>
    public DiskOperation? InFlight { get; private set; }

    /// <summary>Lets one more event happen.</summary>
    public TraceEvent Step()
    {
        var (operation, isEnd) = _machine.Trace[Position++];
        InFlight = null;
        if (operation is DiskOperation request && _media.TryGetValue(request.Disk, out var medium))
        {
            if (isEnd)
            {
                medium.End(request);
            }
            else
            {
                medium.Begin(request);
                InFlight = request;
            }
        }

        return new TraceEvent(operation, isEnd);
    }

    /// <summary>Cuts the power.</summary>
    /// <returns>What the next machine finds on its disks.</returns>
    public Dictionary<string, DiskImage> Cut(SurvivalPattern pattern) =>
        _media.ToDictionary(medium => medium.Key, medium => medium.Value.After(pattern.Survives));
}
