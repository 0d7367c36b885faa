using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Model;

/// <summary>Compares what was found with what may be found.</summary>
internal sealed class Verdict
{
    private readonly Expectation _expected;
    private readonly Findings _found;
    private readonly List<string> _violations = [];

    private Verdict(Expectation expected, Findings found)
    {
        _expected = expected;
        _found = found;
    }

    /// <summary>Says what is wrong with the source after a power cut, when there is no device over it any more or yet.</summary>
    public static IReadOnlyList<string> OfSourceAlone(Expectation expected, DiskImage source)
    {
        var verdict = new Verdict(expected, new Findings { Source = source, Logs = [], ChangeGranularity = DiskImage.SectorSize });
        verdict.JudgeRecoveredSource();
        return verdict._violations;
    }

    /// <summary>Says what is wrong with a device that was opened after a power cut.</summary>
    public static IReadOnlyList<string> AfterPowerCut(Expectation expected, Findings found)
    {
        var verdict = new Verdict(expected, found);
        verdict.JudgeRecoveredSource();
        verdict.JudgeLogs();
        if (expected.IsVolatile)
            verdict.JudgeThatNothingIsBelieved();
        else
            verdict.JudgeEverythingElse();
        return verdict._violations;
    }

    /// <summary>Says what is wrong with a device that runs.</summary>
    public static IReadOnlyList<string> WhileRunning(Expectation expected, Findings found)
    {
        var verdict = new Verdict(expected, found);
        verdict.Add(Differences(found.Source, (sector, content) => expected.Origin.Newest.SectorEquals(sector, content)), "the source does not hold what was written last");
        verdict.JudgeLogs();
        verdict.JudgeEverythingElse();
        return verdict._violations;
    }

    /// <summary>What is known after a verdict that found nothing wrong.</summary>
    public static KnownState Accept(Expectation expected, Findings found) => new()
    {
        Source = found.Source,
        Logs = found.Logs,
        MayBreak = expected.MayBreak,
        IsVolatile = expected.IsVolatile,
        Points =
        [
            .. found.Snapshots.Select(snapshot => Known(expected, snapshot.Name, PointForms.Snapshot, snapshot.Content)),
            .. found.Bookmarks.Select(name => Known(expected, name, PointForms.Bookmark, null)),
        ],
    };

    /// <summary>Of volatile logs a point may come back that was ended; it is broken like all others.</summary>
    private static KnownPoint Known(Expectation expected, string name, PointForms form, DiskImage? content)
    {
        var point = expected.Find(name);
        var isBroken = expected.IsVolatile || (form == PointForms.Snapshot && content is null);
        return new KnownPoint(name, form, content ?? point?.Content.Content ?? expected.Origin.Newest, isBroken, point?.Touched ?? []);
    }

    private static List<int> Differences(DiskImage image, Func<int, byte[], bool> isAllowed) =>
        [.. Enumerable.Range(0, image.SectorCount).Where(sector => !isAllowed(sector, image[sector]))];

    private void JudgeRecoveredSource()
    {
        var wrong = Differences(_found.Source, _expected.Origin.MayHold);
        if (wrong.Count == 0)
            return;
        if (_expected.RollingBackTo is not { } target)
            Add(wrong, "the source holds what no crash of a disk explains");
        else if (Differences(_found.Source, target.Content.MayHold) is { Count: > 0 } notRolledBack)
            Add(notRolledBack, $"the source is neither what it was nor rolled back to {target.Name}");
    }

    private void JudgeLogs()
    {
        var missing = _expected.Logs.Except(_found.Logs).ToList();
        var surplus = _found.Logs.Except(_expected.Logs).Where(log => log != _expected.LogBeingAdded).ToList();
        if (missing.Count + surplus.Count > 0)
            _violations.Add($"it has the logs {string.Join(' ', _found.Logs)} and ought to have {string.Join(' ', _expected.Logs)} {_expected.LogBeingAdded}");
    }

    private void JudgeThatNothingIsBelieved()
    {
        foreach (var snapshot in _found.Snapshots.Where(snapshot => snapshot.Content is not null))
            _violations.Add($"{snapshot.Name} can be read although its log was volatile");
        foreach (var comparison in _found.Comparisons.Where(comparison => comparison.Ranges is not null))
            _violations.Add($"changes since {comparison.From} are told although the log was volatile");
    }

    private void JudgeEverythingElse()
    {
        _violations.AddRange(_expected.Contradictions);
        foreach (var snapshot in _found.Snapshots)
            Judge(snapshot);
        foreach (var overlay in _found.Overlays)
            Add(Differences(overlay.Content, overlay.Expected.SectorEquals), $"the overlay of {overlay.Snapshot} does not hold what was written to it");
        foreach (var bookmark in _found.Bookmarks)
        {
            if (_expected.Find(bookmark)?.MayBe(PointForms.Bookmark) != true)
                _violations.Add($"the bookmark {bookmark} ought not to be there");
        }

        var names = _found.Snapshots.Select(snapshot => snapshot.Name).Concat(_found.Bookmarks).ToList();
        foreach (var twice in names.CountBy(name => name).Where(name => name.Value > 1))
            _violations.Add($"{twice.Key} is there {twice.Value} times");
        foreach (var point in _expected.Points.Where(point => !point.MayBe(PointForms.Gone) && !names.Contains(point.Name)))
            _violations.Add($"{point.Name} ought to be there as {point.Forms} and is not");
        foreach (var comparison in _found.Comparisons)
            Judge(comparison);
    }

    private void Judge(FoundSnapshot snapshot)
    {
        if (_expected.Find(snapshot.Name) is not { } point || !point.MayBe(PointForms.Snapshot))
        {
            _violations.Add($"the snapshot {snapshot.Name} ought not to be there");
        }
        else if (snapshot.Content is null)
        {
            if (!point.IsBroken && !(_expected.MayBreak && TellsOfAllowedCause(snapshot)))
                _violations.Add($"{snapshot.Name} is broken although no log failed or filled: {snapshot.BreakCause}");
        }
        else if (point.IsBroken)
        {
            _violations.Add($"{snapshot.Name} was broken and says now that it is not");
        }
        else
        {
            Add(
                Differences(snapshot.Content, (sector, content) => point.MayHold(sector, content, _found.Source)),
                $"{snapshot.Name} does not hold what the source held when it started");
        }
    }

    /// <summary>The simulated logs lose nothing: they can only be full, or volatile when the device is opened again.</summary>
    private bool TellsOfAllowedCause(FoundSnapshot snapshot) => snapshot.BreakCause is { } cause
        && (cause.Contains("full", StringComparison.Ordinal) || (_expected.IsVolatile && cause.Contains("volatile", StringComparison.Ordinal)));

    /// <summary>All that differs must be named, and nothing that nobody wrote, but for what shares a step with it.</summary>
    private void Judge(FoundComparison comparison)
    {
        var what = $"the changes from {comparison.From} to {comparison.To ?? "the source"}";
        if (comparison.Ranges is null)
        {
            if (!_expected.MayBreak)
                _violations.Add($"{what} are lost although no log failed or filled");
            return;
        }

        var named = new HashSet<int>();
        foreach (var (offset, length) in comparison.Ranges)
            named.UnionWith(Sectors(offset, length));
        if (Content(comparison.From) is { } from && (comparison.To is null ? _found.Source : Content(comparison.To)) is { } to)
            Add([.. Enumerable.Range(0, from.SectorCount).Where(sector => !named.Contains(sector) && !from.SectorEquals(sector, to[sector]))], $"{what} lack what differs");
        if (_expected.Find(comparison.From) is { } point)
            Add([.. named.Where(sector => !IsNearTouched(point, sector))], $"{what} name what nobody wrote");
    }

    private bool IsNearTouched(ExpectedPoint point, int sector)
    {
        var step = _found.ChangeGranularity;
        var start = (long)sector * DiskImage.SectorSize / step * step;
        return Sectors(start, Math.Min(step, _found.Source.Size - start)).Any(point.Touched.Contains);
    }

    private static IEnumerable<int> Sectors(long offset, long length) => length == 0
        ? []
        : Enumerable.Range((int)(offset / DiskImage.SectorSize), (int)(((offset + length - 1) / DiskImage.SectorSize) - (offset / DiskImage.SectorSize) + 1));

    /// <summary>What a point in time holds: what was read, or what is known of a bookmark; null if nobody knows.</summary>
    private DiskImage? Content(string name)
    {
        var snapshot = _found.Snapshots.FirstOrDefault(one => one.Name == name);
        return snapshot is not null ? snapshot.Content : _expected.Find(name) is { IsBroken: false } point ? point.Content.Content : null;
    }

    private void Add(List<int> sectors, string what)
    {
        if (sectors.Count > 0)
            _violations.Add($"{what} ({sectors.Count} sectors: {string.Join(' ', sectors.Take(8))}{(sectors.Count > 8 ? " …" : "")})");
    }
}
