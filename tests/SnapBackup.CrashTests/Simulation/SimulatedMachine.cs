namespace SnapBackup.CrashTests.Simulation;

/// <summary>
/// A machine from the moment its power comes on: disks whose requests are recorded in one trace. It is never really
/// switched off: a <see cref="PowerCut"/> shows, of any position of the trace, with what the next machine may find its disks. So
/// one run gives every crash there could have been in it, and what is done after that position cannot reach that image.
/// </summary>
internal sealed class SimulatedMachine
{
    public SimulatedMachine(IReadOnlyDictionary<string, DiskImage> images, Pace pace)
    {
        Images = images;
        Disks = images.ToDictionary(image => image.Key, image => new SimulatedDisk(image.Key, image.Value, Trace, pace));
    }

    public Trace Trace { get; } = new();

    /// <summary>What the disks held when the power came on.</summary>
    public IReadOnlyDictionary<string, DiskImage> Images { get; }

    public IReadOnlyDictionary<string, SimulatedDisk> Disks { get; }
}
