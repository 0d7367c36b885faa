using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Tests;

/// <summary>The model: what may be found after a power cut, and what is a violation.</summary>
public sealed class VerdictTests
{
    private readonly Trace _trace = new();
    private readonly Expectation _expected = new(new KnownState { Source = Image(1, 1, 1, 1), Logs = ["log0"] });
    private int _followed;

    [Fact]
    public void A_flushed_write_must_be_there_and_an_unflushed_one_may()
    {
        Write(0, 2);
        Do(new DiskOperation { Disk = Expectation.OriginName, Kind = DiskOperationKind.Flush });
        Write(1, 3);
        Accepts(Found(Image(2, 1, 1, 1)));
        Accepts(Found(Image(2, 3, 1, 1)));
        Refuses(Found(Image(1, 1, 1, 1)), "no crash of a disk explains");
        Refuses(Found(Image(2, 9, 1, 1)), "no crash of a disk explains");
    }

    [Fact]
    public void A_snapshot_that_was_acknowledged_must_be_there_and_exact()
    {
        Do(Start("s"), Image(1, 1, 1, 1));
        Write(0, 2);
        Accepts(Found(Image(2, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))]));
        Refuses(Found(Image(2, 1, 1, 1), snapshots: [("s", Image(2, 1, 1, 1))]), "does not hold what the source held");
        Refuses(Found(Image(2, 1, 1, 1)), "s ought to be there as Snapshot");
        Refuses(Found(Image(2, 1, 1, 1), snapshots: [("s", null)]), "s is broken");
    }

    [Fact]
    public void A_snapshot_that_is_being_started_may_be_missing_or_hold_what_the_source_holds()
    {
        Write(0, 2);
        Begin(Start("s"));
        Accepts(Found(Image(1, 1, 1, 1)));
        Accepts(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))]));
        Accepts(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(2, 1, 1, 1))]));
        Refuses(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(3, 1, 1, 1))]), "does not hold");
    }

    [Fact]
    public void A_write_beside_a_start_may_be_in_the_snapshot_or_not_and_what_was_seen_stays()
    {
        var start = Start("s");
        Begin(start);
        Write(0, 2);
        start.Observed = Image(2, 1, 1, 1);
        End(start);
        Assert.Empty(_expected.Contradictions);
        Accepts(Found(Image(2, 1, 1, 1), snapshots: [("s", Image(2, 1, 1, 1))]));
        Refuses(Found(Image(2, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))]), "does not hold");
    }

    [Fact]
    public void A_snapshot_that_holds_what_the_origin_never_held_is_found_out_at_once()
    {
        Do(Start("s"), Image(1, 7, 1, 1));
        Refuses(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(1, 7, 1, 1))]), "what the origin did not hold at that time");
    }

    [Fact]
    public void A_snapshot_that_is_being_ended_may_be_there_and_one_that_was_ended_may_not()
    {
        Do(Start("s"), Image(1, 1, 1, 1));
        var end = new ControlOperation { Kind = ControlKind.End, Name = "s" };
        Begin(end);
        Accepts(Found(Image(1, 1, 1, 1)));
        Accepts(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))]));
        End(end);
        Refuses(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))]), "ought not to be there");
    }

    [Fact]
    public void Ending_and_keeping_changes_leaves_a_snapshot_or_a_bookmark_but_never_neither()
    {
        Do(Start("s"), Image(1, 1, 1, 1));
        var end = new ControlOperation { Kind = ControlKind.EndKeepingChanges, Name = "s" };
        Begin(end);
        Accepts(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))]));
        Accepts(Found(Image(1, 1, 1, 1), bookmarks: ["s"]));
        Refuses(Found(Image(1, 1, 1, 1)), "s ought to be there");
        Refuses(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))], bookmarks: ["s"]), "there 2 times");
        End(end);
        Refuses(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))]), "ought not to be there");
    }

    [Fact]
    public void A_roll_back_is_done_wholly_or_not_at_all()
    {
        Do(Start("s"), Image(1, 1, 1, 1));
        Write(0, 2);
        Write(1, 2);
        Do(new DiskOperation { Disk = Expectation.OriginName, Kind = DiskOperationKind.Flush });
        Begin(new ControlOperation { Kind = ControlKind.RollBack, Name = "s" });
        Accepts(Found(Image(2, 2, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))]));
        Accepts(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))]));
        Refuses(Found(Image(1, 2, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))]), "neither what it was nor rolled back");
    }

    [Fact]
    public void A_torn_down_device_leaves_nothing()
    {
        Do(Start("s"), Image(1, 1, 1, 1));
        Do(new ControlOperation { Kind = ControlKind.TearDown });
        Assert.False(_expected.IsSetUp);
        Accepts(Found(Image(1, 1, 1, 1)));
        Refuses(Found(Image(1, 1, 1, 1), bookmarks: ["s"]), "ought not to be there");
    }

    [Fact]
    public void Changes_must_name_what_differs_and_may_not_name_what_nobody_wrote()
    {
        Do(Start("s"), Image(1, 1, 1, 1));
        Write(1, 2);
        var source = Image(1, 2, 1, 1);
        Accepts(Found(source, snapshots: [("s", Image(1, 1, 1, 1))], changes: [(512, 512)]));
        Accepts(Found(source, snapshots: [("s", Image(1, 1, 1, 1))], changes: [(0, 1024)], granularity: 1024));
        Refuses(Found(source, snapshots: [("s", Image(1, 1, 1, 1))], changes: []), "lack what differs");
        Refuses(Found(source, snapshots: [("s", Image(1, 1, 1, 1))], changes: [(512, 1024)]), "name what nobody wrote");
        Refuses(Found(source, snapshots: [("s", Image(1, 1, 1, 1))], changes: null), "are lost");
    }

    [Fact]
    public void A_change_that_a_crash_took_back_need_not_be_named()
    {
        Do(Start("s"), Image(1, 1, 1, 1));
        Write(1, 2);
        Accepts(Found(Image(1, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))], changes: []));
    }

    [Fact]
    public void Of_volatile_logs_nothing_may_be_believed_after_a_power_cut()
    {
        var state = new KnownState { Source = Image(1, 1, 1, 1), Logs = ["log0"], IsVolatile = true };
        var expected = new Expectation(state);
        Assert.Empty(Verdict.AfterPowerCut(expected, Found(Image(1, 1, 1, 1), snapshots: [("s", null)], changes: null)));
        Assert.NotEmpty(Verdict.AfterPowerCut(expected, Found(Image(1, 1, 1, 1), snapshots: [("s", Image(1, 1, 1, 1))])));
        Assert.NotEmpty(Verdict.AfterPowerCut(expected, Found(Image(1, 1, 1, 1), snapshots: [("s", null)], changes: [])));
        Assert.NotEmpty(Verdict.AfterPowerCut(expected, Found(Image(2, 1, 1, 1))));
    }

    [Fact]
    public void Where_logs_may_fill_a_snapshot_may_break_for_that_reason_and_no_other()
    {
        var trace = new Trace();
        var expected = new Expectation(new KnownState { Source = Image(1), Logs = ["log0"], MayBreak = true });
        var start = Start("s");
        trace.Begin(start);
        trace.End(start);
        expected.Follow(trace[0]);
        expected.Follow(trace[1]);
        Assert.Empty(Verdict.AfterPowerCut(expected, Found(Image(1)) with { Snapshots = [new FoundSnapshot("s", null, "its logs were full")] }));
        Assert.NotEmpty(Verdict.AfterPowerCut(expected, Found(Image(1)) with { Snapshots = [new FoundSnapshot("s", null, "a log lost what was stored on it")] }));
    }

    [Fact]
    public void The_logs_are_those_that_were_given_and_perhaps_one_that_was_being_added()
    {
        Refuses(Found(Image(1, 1, 1, 1)) with { Logs = ["log0", "log1"] }, "ought to have log0");
        Begin(new ControlOperation { Kind = ControlKind.AddLog, Name = "log1" });
        Accepts(Found(Image(1, 1, 1, 1)) with { Logs = ["log0", "log1"] });
        Accepts(Found(Image(1, 1, 1, 1)));
        Refuses(Found(Image(1, 1, 1, 1)) with { Logs = ["log1"] }, "ought to have log0");
    }

    [Fact]
    public void An_overlay_holds_what_was_written_to_it() =>
        Refuses(Found(Image(1, 1, 1, 1)) with { Overlays = [new FoundOverlay("s", Image(1, 2), Image(1, 3))] }, "the overlay of s does not hold");

    private static ControlOperation Start(string name) => new() { Kind = ControlKind.Start, Name = name };

    private static DiskImage Image(params byte[] sectors) => DiskImage.Of(sectors.SelectMany(value => Enumerable.Repeat(value, 512)).ToArray());

    private static Findings Found(
        DiskImage source, (string Name, DiskImage? Content)[]? snapshots = null, string[]? bookmarks = null) => new()
        {
            Source = source,
            Logs = ["log0"],
            Snapshots = [.. (snapshots ?? []).Select(snapshot => new FoundSnapshot(snapshot.Name, snapshot.Content))],
            Bookmarks = bookmarks ?? [],
            ChangeGranularity = 512,
        };

    private static Findings Found(
        DiskImage source, (string Name, DiskImage? Content)[] snapshots, (long, long)[]? changes, int granularity = 512) =>
        Found(source, snapshots) with { Comparisons = [new FoundComparison(snapshots[0].Name, null, changes)], ChangeGranularity = granularity };

    private void Write(int sector, byte value) => Do(new DiskOperation
    {
        Disk = Expectation.OriginName,
        Kind = DiskOperationKind.Write,
        Offset = sector * 512L,
        Data = Enumerable.Repeat(value, 512).ToArray(),
    });

    private void Do(TracedOperation operation, DiskImage? observed = null)
    {
        if (operation is ControlOperation control)
            control.Observed = observed;
        Begin(operation);
        End(operation);
    }

    private void Begin(TracedOperation operation)
    {
        _trace.Begin(operation);
        Follow();
    }

    private void End(TracedOperation operation)
    {
        _trace.End(operation);
        Follow();
    }

    private void Follow()
    {
        while (_followed < _trace.Length)
            _expected.Follow(_trace[_followed++]);
    }

    private void Accepts(Findings findings) => Assert.Empty(Verdict.AfterPowerCut(_expected, findings));

    private void Refuses(Findings findings, string problem) =>
        Assert.Contains(Verdict.AfterPowerCut(_expected, findings), found => found.Contains(problem, StringComparison.Ordinal));
}
