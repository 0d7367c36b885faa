namespace SnapBackup.CrashTests.Simulation;

/// <summary>The disks of a machine at an instant of its trace, which moves forward: what a power cut there may leave.</summary>
internal sealed class PowerCut
{
    private readonly SimulatedMachine _machine;
    private readonly Dictionary<string, Medium> _media;

    public PowerCut(SimulatedMachine machine)
    {
        _machine = machine;
        _media = machine.Images.ToDictionary(image => image.Key, image => new Medium(image.Value));
    }

    /// <summary>The names of the disks.</summary>
    public IEnumerable<string> Disks => _media.Keys;

    /// <summary>How many events have happened.</summary>
    public int Position { get; private set; }

    /// <summary>Whether nothing happens any more.</summary>
    public bool IsLast => Position == _machine.Trace.Length;

    /// <summary>The write, write-zeroes, trim or growth of a disk that began as the very last event; else null.</summary>
    public DiskOperation? InFlight { get; private set; }

    /// <summary>
    /// Whether a power cut at this instant may show what none at the one before would: more may have reached a disk, or the user has
    /// been told that something is done.
    /// </summary>
    public bool IsTelling { get; private set; }

    /// <summary>Lets one more event happen.</summary>
    public TraceEvent Step()
    {
        var happened = _machine.Trace[Position++];
        InFlight = null;
        if (happened.Operation is DiskOperation request && _media.TryGetValue(request.Disk, out var medium))
            Follow(medium, request, happened.IsEnd);
        else
            IsTelling = happened.IsEnd;
        return happened;
    }

    /// <summary>Cuts the power.</summary>
    /// <returns>What the next machine finds on its disks.</returns>
    public Dictionary<string, DiskImage> Cut(SurvivalPattern pattern) =>
        _media.ToDictionary(medium => medium.Key, medium => medium.Value.After(pattern.Survives));

    /// <summary>Tells apart, without cutting it, what patterns would leave at this instant.</summary>
    public int Fingerprint(SurvivalPattern pattern)
    {
        var hash = default(HashCode);
        foreach (var medium in _media.Values)
            medium.AddTo(ref hash, pattern.Survives);
        return hash.ToHashCode();
    }

    private void Follow(Medium medium, DiskOperation request, bool isEnd)
    {
        if (isEnd)
        {
            medium.End(request);
        }
        else
        {
            medium.Begin(request);
            InFlight = request.Kind == DiskOperationKind.Flush ? null : request;
        }

        IsTelling = InFlight is not null;
    }
}
