using SnapBackup.Engine.Log;

namespace SnapBackup.Engine.Checking;

/// <summary>
/// Reads everything that is on a device's logs, while it is used, and verifies it: every checksum, and that logs and memory agree.
/// </summary>
/// <remarks>
/// Nobody is held up for long: what must stand still does so for one segment at a time, and what is appended, merged or released meanwhile is no
/// finding. Each step passes a gate, so that the device is not let go under it. Nothing is repaired or marked broken.
/// </remarks>
internal sealed class DeviceCheck
{
    private readonly DeviceCore _core;
    private readonly CheckResults _results = new();
    private readonly MemoryCheck _memory;

    public DeviceCheck(DeviceCore core)
    {
        _core = core;
        _memory = new MemoryCheck(core, _results);
    }

    public async Task<CheckReport> RunAsync(IProgress<CheckProgress>? progress, CancellationToken cancellationToken)
    {
        var segments = new List<Segment>();
        await StepAsync(() => _core.Logs.WhileUnchangedAsync(() => List(segments)), cancellationToken).ConfigureAwait(false);
        var check = new SegmentCheck(_core, _memory, _results);
        for (var done = 0; done < segments.Count; done++)
        {
            progress?.Report(new CheckProgress(done, segments.Count, _results.BytesRead));
            var segment = segments[done];
            await StepAsync(() => check.RunAsync(segment, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        foreach (var log in _core.Logs.Logs)
            await StepAsync(() => CheckBookkeepingAsync(log, cancellationToken), cancellationToken).ConfigureAwait(false);
        await StepAsync(() => _core.Logs.WhileUnchangedAsync(_memory.CompareTotals), cancellationToken).ConfigureAwait(false);
        progress?.Report(new CheckProgress(segments.Count, segments.Count, _results.BytesRead));
        return _results.ToReport();
    }

    /// <summary>Lists the segments in use, those of each log in their order, having looked at who uses them.</summary>
    private void List(List<Segment> segments)
    {
        new TableCheck(_core, _results).Run();
        segments.AddRange(_core.Logs.Logs.SelectMany(log => log.Segments));
    }

    private async ValueTask CheckBookkeepingAsync(LogVolume log, CancellationToken cancellationToken)
    {
        var lastUsed = await new FrontCheck(_core, _results).RunAsync(log, cancellationToken).ConfigureAwait(false);
        await new LinkCheck(_core, _results).RunAsync(log, lastUsed, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask StepAsync(Func<ValueTask> step, CancellationToken cancellationToken)
    {
        await _core.LogUsers.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await step().ConfigureAwait(false);
        }
        finally
        {
            _core.LogUsers.Leave();
        }
    }
}
