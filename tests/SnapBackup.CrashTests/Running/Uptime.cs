using SnapBackup.Blocks;
using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Mutations;
using SnapBackup.CrashTests.Scenarios;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine;

namespace SnapBackup.CrashTests.Running;

/// <summary>
/// The time from when a machine's power comes on: the device is set up or opened and looked at, steps are done, and every
/// instant of it is in the machine's trace.
/// </summary>
internal sealed class Uptime : IAsyncDisposable
{
    /// <summary>What takes longer hangs; nothing here takes more than milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Geometry _geometry;
    private readonly IReadOnlyDictionary<string, IBlockDevice> _disks;
    private readonly List<string> _violations = [];
    private AttachedDevice? _device;
    private StepRunner? _runner;

    private Uptime(Scenario scenario, IReadOnlyDictionary<string, DiskImage> images, Mutation mutation, Expectation before)
    {
        _geometry = scenario.Geometry;
        Machine = new SimulatedMachine(images, scenario.IsVaried ? Pace.Varied(scenario.Seed) : Pace.AtOnce);
        _disks = mutation.Attach(Machine);
        Before = before;
        Known = scenario.Geometry.NotSetUp(images[Geometry.Source]);
    }

    public SimulatedMachine Machine { get; }

    /// <summary>What could be expected of the disks when the power came on; it holds until <see cref="OpenedAt"/>.</summary>
    public Expectation Before { get; private set; }

    /// <summary>From which position of the trace on it is known what the device holds.</summary>
    public int OpenedAt { get; private set; }

    /// <summary>What was found then.</summary>
    public KnownState Known { get; private set; }

    /// <summary>The position of the trace at which the last step began.</summary>
    public int LastStepAt => _runner?.LastStepAt ?? 0;

    /// <summary>Whether there is a device.</summary>
    public bool IsAttached => _device is not null;

    /// <summary>Whether the source was written while the device was opened: a rollback was finished.</summary>
    public bool WroteSourceWhileOpening => Enumerable.Range(0, OpenedAt).Any(
        position => Machine.Trace[position].Operation is DiskOperation { Disk: Geometry.Source, SectorCount: > 0 });

    /// <summary>What contradicted the model in this time, without any further power cut.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Switches a new machine on and sets the device up.</summary>
    public static async Task<Uptime> SetUpAsync(Scenario scenario, Mutation mutation)
    {
        var images = scenario.Geometry.NewDisks();
        var source = images[Geometry.Source];
        var uptime = new Uptime(scenario, images, mutation, new Expectation(scenario.Geometry.NotSetUp(source)));
        uptime._device = await AttachedDevice.SetUpAsync(scenario.Geometry, uptime._disks);
        await uptime.LookAsync(uptime._device, new Expectation(scenario.Geometry.SetUp(source)));
        return uptime;
    }

    /// <summary>Switches a machine on that lost its power, and opens the device; where there need not be one, it may have to be set up anew.</summary>
    /// <param name="scenario">What the machine is like.</param>
    /// <param name="images">What it finds on its disks.</param>
    /// <param name="mutation">The fault the engine is given.</param>
    /// <param name="before">What may be found.</param>
    public static async Task<Uptime> OpenAsync(
        Scenario scenario, IReadOnlyDictionary<string, DiskImage> images, Mutation mutation, Expectation before)
    {
        mutation.Tamper(images);
        var uptime = new Uptime(scenario, images, mutation, before);
        try
        {
            await uptime.OpenOrSetUpAsync(images[Geometry.Source]).WaitAsync(Patience);
        }
        catch (Exception failure)
        {
            // Bugs of the engine show as exceptions of any kind.
            uptime._violations.Add($"the device cannot be opened and read: {failure.GetType().Name}: {failure.Message}");
        }

        return uptime;
    }

    /// <summary>Does steps with the device, and then compares what it shows with the model.</summary>
    public async Task RunAsync(IReadOnlyList<Step> steps)
    {
        if (_device is null || _runner is null)
            return;
        try
        {
            await _runner.RunAsync(steps).WaitAsync(Patience);
            _violations.AddRange(_runner.Failures);
            var expectation = ExpectationAt(Machine.Trace.Length);
            if (expectation.IsSetUp)
                _violations.AddRange(Verdict.WhileRunning(expectation, await _device.InspectAsync().WaitAsync(Patience)));
        }
        catch (Exception failure)
        {
            _violations.Add($"the device cannot be used: {failure.GetType().Name}: {failure.Message}");
        }
    }

    /// <summary>What may be found after a power cut at a position.</summary>
    public Expectation ExpectationAt(int position)
    {
        if (position < OpenedAt)
            return Before;
        var expectation = new Expectation(Known);
        for (var i = OpenedAt; i < position; i++)
            expectation.Follow(Machine.Trace[i]);
        return expectation;
    }

    public async ValueTask DisposeAsync()
    {
        if (_device is not null)
            await _device.DisposeAsync();
    }

    private async Task OpenOrSetUpAsync(DiskImage source)
    {
        try
        {
            _device = await OpenDeviceAsync();
        }
        catch (EngineException refusal) when (Before.MayBeRefused(refusal.Reason))
        {
            _violations.AddRange(Verdict.OfSourceAlone(Before, source));
            Before = new Expectation(_geometry.NotSetUp(source));
            _device = await AttachedDevice.SetUpAsync(_geometry, _disks);
            await LookAsync(_device, new Expectation(_geometry.SetUp(source)));
            return;
        }

        await LookAsync(_device, Before);
    }

    private async Task<AttachedDevice> OpenDeviceAsync()
    {
        if (Before.LogBeingAdded is { } added)
        {
            try
            {
                return await AttachedDevice.OpenAsync(_geometry, _disks, [.. Before.Logs, added]);
            }
            catch (SnapBackupException)
            {
                // It did not become part of the device, which then opens without it.
            }
        }

        return await AttachedDevice.OpenAsync(_geometry, _disks, Before.Logs);
    }

    private async Task LookAsync(AttachedDevice device, Expectation expectation)
    {
        var findings = await device.InspectAsync();
        _violations.AddRange(Verdict.AfterPowerCut(expectation, findings));
        if (_violations.Count > 0)
            return;
        Known = Verdict.Accept(expectation, findings);
        OpenedAt = Machine.Trace.Length;
        _runner = new StepRunner(device, Machine.Trace, Known);
    }
}
