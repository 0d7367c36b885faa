using System.Collections.Concurrent;
using SnapBackup.Blocks;
using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Scenarios;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine;

namespace SnapBackup.CrashTests.Running;

/// <summary>Does the steps of a scenario with a device and records them in the trace, as what its user began and saw end.</summary>
internal sealed class StepRunner
{
    private readonly AttachedDevice _device;
    private readonly Trace _trace;
    private readonly bool _mayBreak;
    private readonly Lock _lock = new();

    /// <summary>What there is for a step to act on; whoever ends a thing takes it out first, so that nobody else does.</summary>
    private readonly HashSet<string> _snapshots;
    private readonly HashSet<string> _bookmarks;
    private readonly HashSet<string> _logs;
    private bool _isTornDown;

    /// <param name="device">The device.</param>
    /// <param name="trace">Where the steps are recorded.</param>
    /// <param name="state">What is there already.</param>
    public StepRunner(AttachedDevice device, Trace trace, KnownState state)
    {
        _device = device;
        _trace = trace;
        _mayBreak = state.MayBreak;
        _logs = [.. state.Logs];
        _snapshots = [.. state.Points.Where(point => point.Form == PointForms.Snapshot).Select(point => point.Name)];
        _bookmarks = [.. state.Points.Where(point => point.Form == PointForms.Bookmark).Select(point => point.Name)];
    }

    /// <summary>The position of the trace at which the last step began.</summary>
    public int LastStepAt { get; private set; }

    /// <summary>Steps that failed and ought not to have.</summary>
    public ConcurrentQueue<string> Failures { get; } = [];

    /// <summary>Does steps in order, lanes at the same time.</summary>
    public async Task RunAsync(IReadOnlyList<Step> steps)
    {
        for (var start = 0; start < steps.Count;)
        {
            var end = start + 1;
            while (!steps[start].IsAlone && end < steps.Count && !steps[end].IsAlone)
                end++;
            var lanes = steps.Take(start..end).GroupBy(step => step.Lane).ToList();
            await (lanes is [var only] ? RunLaneAsync(only) : Task.WhenAll(lanes.Select(lane => Task.Run(() => RunLaneAsync(lane)))));
            start = end;
        }
    }

    private async Task RunLaneAsync(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            if (_isTornDown)
                return;
            LastStepAt = _trace.Length;
            try
            {
                await RunAsync(step);
            }
            catch (Exception failure)
            {
                if (!MayFail(step, failure))
                    Failures.Enqueue($"{step} failed: {failure.GetType().Name}: {failure.Message}");
            }
        }
    }

    /// <summary>
    /// Whatever happens to the logs, only control operations may feel it, and overlays: they get what room there is to spare, and only
    /// while their snapshot is kept.
    /// </summary>
    private bool MayFail(Step step, Exception failure) => step switch
    {
        ControlStep => _mayBreak && failure is SnapBackupException,
        OverlayStep => failure is BlockDeviceException { Reason: BlockDeviceError.NoSpace }
            or EngineException { Reason: EngineError.SnapshotEnded or EngineError.SnapshotBroken },
        _ => false,
    };

    private Task RunAsync(Step step) => step switch
    {
        RequestStep request => RunAsync(request),
        ControlStep control => TryClaim(control) ? RunAsync(control) : Task.CompletedTask,
        OverlayStep overlay => _device.RunAsync(overlay),
        ReopenStep => _device.ReopenAsync(),
        _ => throw new InvalidOperationException($"{step} is not done by a device."),
    };

    private async Task RunAsync(RequestStep step)
    {
        var content = step.Content;
        var request = new DiskOperation
        {
            Disk = Expectation.OriginName,
            Kind = step.Kind,
            Offset = step.Offset,
            Data = content,
            ForceUnitAccess = step.ForceUnitAccess,
        };
        var options = step.ForceUnitAccess ? WriteOptions.ForceUnitAccess : WriteOptions.None;
        _trace.Begin(request);
        await (step.Kind switch
        {
            DiskOperationKind.Write => _device.Origin.WriteAsync(step.Offset, content, options),
            DiskOperationKind.WriteZeroes => _device.Origin.WriteZeroesAsync(step.Offset, step.Length, options),
            DiskOperationKind.Trim => _device.Origin.TrimAsync(step.Offset, step.Length),
            _ => _device.Origin.FlushAsync(),
        });
        _trace.End(request);
    }

    private async Task RunAsync(ControlStep step)
    {
        var operation = new ControlOperation { Kind = step.Kind, Name = step.Name };
        _trace.Begin(operation);
        await _device.ExecuteAsync(operation);
        _trace.End(operation);
        if (step.Kind == ControlKind.Start)
            operation.Observed = await _device.ReadSnapshotAsync(step.Name);
        lock (_lock)
            TakeNote(step);
    }

    /// <summary>Whether there is what the step acts on, and nobody else is at it.</summary>
    private bool TryClaim(ControlStep step)
    {
        lock (_lock)
        {
            return step.Kind switch
            {
                ControlKind.End or ControlKind.EndKeepingChanges => _snapshots.Remove(step.Name),
                ControlKind.Forget => _bookmarks.Remove(step.Name),
                ControlKind.RollBack => _snapshots.Contains(step.Name),
                ControlKind.AddLog => _logs.Add(step.Name),
                _ => true,
            };
        }
    }

    private void TakeNote(ControlStep step)
    {
        switch (step.Kind)
        {
            case ControlKind.Start:
                _snapshots.Add(step.Name);
                break;
            case ControlKind.EndKeepingChanges:
                _bookmarks.Add(step.Name);
                break;
            case ControlKind.TearDown:
                _isTornDown = true;
                break;
        }
    }
}
