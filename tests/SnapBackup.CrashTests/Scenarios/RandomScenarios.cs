using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine;

namespace SnapBackup.CrashTests.Scenarios;

/// <summary>
/// Long runs: several writers, snapshots that come and go in any order, logs of all sizes, and power cuts that are survived.
/// A seed gives the same steps every time; whether it gives the same trace depends on how many lanes there are.
/// </summary>
internal sealed class RandomScenarios
{
    private const int Block = 4096;

    private readonly Random _random;
    private readonly Geometry _geometry;
    private readonly int _writers;

    /// <summary>Of how many steps one is a control operation, and how many of those end something.</summary>
    private readonly int _stepsAControl;
    private readonly int _ends;

    private readonly List<string> _snapshots = [];
    private readonly List<string> _bookmarks = [];
    private readonly List<Step> _steps = [];
    private int _started;

    private RandomScenarios(int seed)
    {
        _random = new Random(seed);
        _writers = _random.Next(1, 4);
        _stepsAControl = _random.Next(2, 8);
        _ends = _random.Next(1, 6);
        _geometry = NewGeometry();
    }

    public static Scenario Create(int seed)
    {
        var scenarios = new RandomScenarios(seed);
        scenarios.AddSteps();
        return new Scenario(scenarios._geometry, scenarios._steps, seed) { IsVaried = scenarios._writers > 1 || scenarios._geometry.GrowTo is not null };
    }

    private Geometry NewGeometry()
    {
        var mayBreak = _random.Next(4) == 0;
        var isVolatile = _random.Next(10) == 0;
        return new Geometry
        {
            SourceSize = (_random.Next(16, 64) * Block) + (_random.Next(8) * 512),
            LogSizes = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => (long)(mayBreak ? _random.Next(160 << 10, 512 << 10) : _random.Next(6 << 20, 8 << 20)) / 512 * 512)],
            SpareLogSize = 512 << 10,
            SpareLogs = 2,
            GrowTo = mayBreak && _random.Next(3) == 0 ? 1 << 20 : null,
            BlockSize = Block << _random.Next(2),
            ChangeGranularity = 2 * Block << _random.Next(3),
            Allocation = (LogAllocation)_random.Next(3),
            Durability = isVolatile ? LogDurability.Volatile : LogDurability.Strict,
            MayBreak = mayBreak || isVolatile,
        };
    }

    private void AddSteps()
    {
        var uptimes = _random.Next(1, 5);
        for (var uptime = 0; uptime < uptimes; uptime++)
        {
            var steps = _random.Next(10, 80);
            for (var i = 0; i < steps; i++)
                _steps.Add(_random.Next(_stepsAControl) == 0 ? NewControl() : NewRequest());
            for (var cuts = uptime == uptimes - 1 ? 0 : _random.Next(4) == 0 ? 3 : 1; cuts > 0; cuts--)
                _steps.Add(new PowerCutStep(_random.Next()));
        }
    }

    /// <summary>A request in the part of the disk that is one writer's own. Parts meet inside blocks, never inside sectors.</summary>
    private RequestStep NewRequest()
    {
        var writer = _random.Next(_writers);
        var sectors = _geometry.SourceSize / DiskImage.SectorSize;
        var start = sectors * writer / _writers * DiskImage.SectorSize;
        var end = sectors * (writer + 1) / _writers * DiskImage.SectorSize;
        var offset = _random.NextInt64(start, end);
        var length = (int)Math.Min(_random.Next(6) == 0 ? _random.Next(1, 80_000) : _random.Next(1, 9000), end - offset);
        return _random.Next(10) switch
        {
            0 => new RequestStep(writer, DiskOperationKind.Flush, 0, 0, 0),
            1 => new RequestStep(writer, DiskOperationKind.Trim, offset, length, 0),
            2 => new RequestStep(writer, DiskOperationKind.WriteZeroes, offset, length, 0, ForceUnitAccess: _random.Next(4) == 0),
            _ => new RequestStep(writer, DiskOperationKind.Write, offset, length, _steps.Count + 1, ForceUnitAccess: _random.Next(6) == 0),
        };
    }

    private Step NewControl()
    {
        var lane = _random.Next(_writers + 1);
        switch (_random.Next(7 + (2 * _ends)))
        {
            case 0 or 1:
                var started = $"s{++_started}";
                _snapshots.Add(started);
                return new ControlStep(lane, ControlKind.Start, started);
            case 2:
                return new ReopenStep();
            case 3:
                return Take(_bookmarks) is { } forgotten ? new ControlStep(lane, ControlKind.Forget, forgotten) : NewRequest();
            case 4:
                // A rollback that a power cut interrupts on volatile logs is not finished, and the origin stays closed: other tests' affair.
                return _snapshots.Count > 0 && _geometry.Durability == LogDurability.Strict
                    ? new ControlStep(0, ControlKind.RollBack, _snapshots[_random.Next(_snapshots.Count)])
                    : NewRequest();
            case 5:
                return _snapshots.Count > 0 ? NewOverlayRequest(lane, _snapshots[_random.Next(_snapshots.Count)]) : NewRequest();
            case 6:
                // One at a time, and once more if a power cut was faster.
                return new ControlStep(0, ControlKind.AddLog, _geometry.Spares[_random.Next(_geometry.SpareLogs)]);
            case var end:
                if (Take(_snapshots) is not { } ended)
                    return NewRequest();
                if (end % 2 == 0)
                    return new ControlStep(lane, ControlKind.End, ended);
                _bookmarks.Add(ended);
                return new ControlStep(lane, ControlKind.EndKeepingChanges, ended);
        }
    }

    private OverlayStep NewOverlayRequest(int lane, string snapshot)
    {
        var offset = _random.NextInt64(_geometry.SourceSize);
        var length = (int)Math.Min(_random.Next(1, 20_000), _geometry.SourceSize - offset);
        var kind = (DiskOperationKind)_random.Next((int)DiskOperationKind.Flush);
        return new OverlayStep(lane, snapshot, kind, offset, length, _steps.Count + 1);
    }

    private string? Take(List<string> names)
    {
        if (names.Count == 0)
            return null;
        var index = _random.Next(names.Count);
        var name = names[index];
        names.RemoveAt(index);
        return name;
    }
}
