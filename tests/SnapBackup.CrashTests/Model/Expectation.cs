using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine;

namespace SnapBackup.CrashTests.Model;

/// <summary>
/// What may be found of a device at a position of a trace, if the power is cut there. It follows the events of the
/// device's user: requests to the origin, and control operations.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>To its users the origin is a disk like any other, so its content obeys the same fault model: see <see cref="Medium"/>.</item>
/// <item>A control operation that has ended is durable. One that has begun may have happened or not.</item>
/// <item>A snapshot holds what the origin held when it started. While its start is not acknowledged it may not exist; if it does,
/// it holds that, or what the source is found to hold.</item>
/// <item>A roll-back that has begun leaves the source as it was, or makes it exactly what the snapshot is; not a mixture.</item>
/// </list>
/// </remarks>
internal sealed class Expectation
{
    public const string OriginName = "origin";

    private readonly Dictionary<string, ExpectedPoint> _points;
    private readonly Dictionary<DiskOperation, byte[][]> _overwriting = [];
    private readonly List<string> _logs;

    public Expectation(KnownState start)
    {
        Origin = new Medium(start.Source);
        IsSetUp = start.IsSetUp;
        MayBreak = start.MayBreak;
        IsVolatile = start.IsVolatile;
        _logs = [.. start.Logs];
        _points = start.Points.ToDictionary(point => point.Name, point => new ExpectedPoint(point.Name, new FrozenContent(point.Content), point.Form)
        {
            IsBroken = point.IsBroken,
            Touched = [.. point.Touched],
        });
    }

    /// <summary>The source as the users of the origin may find it.</summary>
    public Medium Origin { get; private set; }

    /// <summary>The snapshot that a roll-back which has not ended makes the source equal to; else null.</summary>
    public ExpectedPoint? RollingBackTo { get; private set; }

    public IReadOnlyCollection<ExpectedPoint> Points => _points.Values;

    /// <summary>The logs that are part of the device, or were or are to become it.</summary>
    public IReadOnlyList<string> Logs => _logs;

    /// <summary>A log that may be part of it already.</summary>
    public string? LogBeingAdded { get; private set; }

    /// <summary>Whether there is a device; false once a tear-down has ended.</summary>
    public bool IsSetUp { get; private set; }


    /// <summary>Whether snapshots may break, because the logs are small.</summary>
    public bool MayBreak { get; }

    /// <summary>Whether the logs are not flushed: then a power cut leaves no snapshot that can be read, and no change that is known.</summary>
    public bool IsVolatile { get; }

    /// <summary>What contradicts the model without any power cut: a snapshot that held at its start what the origin never held.</summary>
    public List<string> Contradictions { get; } = [];

    /// <summary>
    /// Whether opening the device after a power cut may be refused for a reason. One that is not set up may be anything; volatile logs may have lost their
    /// catalogs, and nothing else.
    /// </summary>
    public bool MayBeRefused(EngineError reason) => !IsSetUp || (IsVolatile && reason == EngineError.NothingKept);

    public ExpectedPoint? Find(string name) => _points.GetValueOrDefault(name);

    /// <summary>Follows one event; those of the machine's own disks do not matter here.</summary>
    public void Follow(TraceEvent happened)
    {
        switch (happened)
        {
            case { Operation: DiskOperation { Disk: OriginName } request, IsEnd: false }:
                Begin(request);
                break;
            case { Operation: DiskOperation { Disk: OriginName } request }:
                Origin.End(request);
                _overwriting.Remove(request);
                break;
            case { Operation: ControlOperation operation, IsEnd: false }:
                Begin(operation);
                break;
            case { Operation: ControlOperation operation }:
                End(operation);
                break;
        }
    }

    private void Begin(DiskOperation request)
    {
        var sectors = Enumerable.Range(request.FirstSector, request.SectorCount).ToList();
        _overwriting.Add(request, [.. sectors.Select(sector => Origin.Newest[sector])]);
        Origin.Begin(request);
        foreach (var point in _points.Values)
        {
            point.Touched.UnionWith(sectors);
            if (point.IsStarting)
                sectors.ForEach(sector => point.Content.AddAlternative(sector, Origin.Newest[sector]));
        }
    }

    private void Begin(ControlOperation operation)
    {
        switch (operation.Kind)
        {
            case ControlKind.Start:
                _points.Add(operation.Name, StartingPoint(operation.Name));
                break;
            case ControlKind.End or ControlKind.Forget:
                _points[operation.Name].Forms |= PointForms.Gone;
                break;
            case ControlKind.EndKeepingChanges:
                _points[operation.Name].Forms |= PointForms.Bookmark;
                break;
            case ControlKind.RollBack:
                RollingBackTo = _points[operation.Name];
                foreach (var point in _points.Values)
                    point.Touched.UnionWith(Enumerable.Range(0, Origin.Newest.SectorCount));
                break;
            case ControlKind.AddLog:
                LogBeingAdded = operation.Name;
                break;
            case ControlKind.TearDown:
                foreach (var point in _points.Values)
                    point.Forms |= PointForms.Gone;
                break;
        }
    }

    private void End(ControlOperation operation)
    {
        switch (operation.Kind)
        {
            case ControlKind.Start:
                Acknowledge(_points[operation.Name], operation.Observed);
                break;
            case ControlKind.End or ControlKind.Forget:
                _points.Remove(operation.Name);
                break;
            case ControlKind.EndKeepingChanges:
                _points[operation.Name].Forms = PointForms.Bookmark;
                break;
            case ControlKind.RollBack:
                Origin = new Medium(_points[operation.Name].Content.Content);
                RollingBackTo = null;
                break;
            case ControlKind.AddLog:
                _logs.Add(operation.Name);
                LogBeingAdded = null;
                break;
            case ControlKind.TearDown:
                _points.Clear();
                IsSetUp = false;
                break;
        }
    }

    private ExpectedPoint StartingPoint(string name)
    {
        var point = new ExpectedPoint(name, new FrozenContent(Origin.Newest.Copy()), PointForms.Gone | PointForms.Snapshot) { IsStarting = true };
        foreach (var (request, before) in _overwriting)
        {
            for (var i = 0; i < before.Length; i++)
                point.Content.AddAlternative(request.FirstSector + i, before[i]);
            point.Touched.UnionWith(Enumerable.Range(request.FirstSector, before.Length));
        }

        return point;
    }

    private void Acknowledge(ExpectedPoint point, DiskImage? observed)
    {
        point.IsStarting = false;
        point.Forms = PointForms.Snapshot;
        if (observed is null)
            return;
        var wrong = Enumerable.Range(0, observed.SectorCount).Where(sector => !point.Content.MayHold(sector, observed[sector])).ToList();
        if (wrong.Count > 0)
            Contradictions.Add($"{point.Name} was started and held what the origin did not hold at that time, in sectors {string.Join(' ', wrong.Take(8))}");
        point.Content = new FrozenContent(observed);
    }
}
