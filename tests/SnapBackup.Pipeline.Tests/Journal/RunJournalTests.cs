using Microsoft.Data.Sqlite;
using SnapBackup.Blocks;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Tests.Journal;

public sealed class RunJournalTests : IDisposable
{
    private static readonly DateTimeOffset Night = new(2026, 3, 1, 2, 30, 0, TimeSpan.Zero);

    private readonly TempFolder _temp = new();
    private readonly string _path;

    public RunJournalTests() => _path = _temp["state/runs.db"];

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_run_is_kept_with_its_steps_times_sizes_and_outcome()
    {
        long id;
        using (var journal = RunJournal.Open(_path, ShiftedClock.At(Night)))
        {
            id = journal.Begin("nightly", "/dev/sdb", RunTrigger.Scheduled);
            journal.BeginStep(id, CycleStep.Prepare);
            journal.EndStep(id, CycleStep.Prepare, RunOutcome.Succeeded, null);
            journal.BeginStep(id, CycleStep.Flush);
            journal.EndStep(id, CycleStep.Flush, RunOutcome.Failed, new PipelineException(PipelineError.JobNotFound, "gone"));
            journal.Published(id, "/store/a.img.zst", 1000, 10);
            Assert.True(journal.End(id, RunOutcome.Failed, new InvalidOperationException("never")));
        }

        using var reopened = RunJournal.Open(_path, TimeProvider.System);
        var run = reopened.Get(id);
        Assert.Equal(("nightly", "/dev/sdb", RunTrigger.Scheduled), (run.Job, run.Source, run.Trigger));
        Assert.Equal(ProcessIdentity.Current, run.Owner);
        Assert.Equal((RunOutcome.Failed, "InvalidOperationException", "never"), (run.Outcome, run.ErrorId, run.ErrorMessage));
        Assert.Equal(("/store/a.img.zst", 1000, 10), (run.Archive, run.SourceSize, run.ArchiveSize));
        Assert.InRange(run.Started, Night, run.Ended!.Value);
        var steps = reopened.ListSteps(id);
        Assert.Equal([CycleStep.Prepare, CycleStep.Flush], steps.Select(step => step.Step));
        Assert.Equal([RunOutcome.Succeeded, RunOutcome.Failed], steps.Select(step => step.Outcome));
        Assert.Equal(("PipelineError.JobNotFound", "gone"), (steps[1].ErrorId, steps[1].ErrorMessage));
        Assert.All(steps, step => Assert.InRange(step.Started, run.Started, step.Ended!.Value));
    }

    [Fact]
    public void Runs_are_listed_newest_first_by_job_and_outcome()
    {
        using var journal = RunJournal.Open(_path, TimeProvider.System);
        var first = journal.Begin("a", "/a", RunTrigger.Manual);
        var second = journal.Begin("b", "/b", RunTrigger.Manual);
        var third = journal.Begin("a", "/a", RunTrigger.Manual);
        journal.End(first, RunOutcome.Succeeded, null);

        Assert.Equal([third, second, first], Ids(new RunQuery()));
        Assert.Equal([third, first], Ids(new RunQuery { Job = "a" }));
        Assert.Equal([first], Ids(new RunQuery { Outcome = RunOutcome.Succeeded }));
        Assert.Equal([third], Ids(new RunQuery { Limit = 1 }));

        IEnumerable<long> Ids(RunQuery query) => journal.List(query).Select(run => run.Id);
    }

    [Fact]
    public void Of_several_who_end_a_run_one_does()
    {
        using var journal = RunJournal.Open(_path, TimeProvider.System);
        using var other = RunJournal.Open(_path, TimeProvider.System);
        var id = journal.Begin("a", "/a", RunTrigger.Manual);
        journal.BeginStep(id, CycleStep.Archive);

        Assert.True(other.End(id, RunOutcome.Interrupted, null));
        Assert.False(journal.End(id, RunOutcome.Succeeded, null));

        Assert.Equal(RunOutcome.Interrupted, journal.Get(id).Outcome);
        Assert.Equal(RunOutcome.Interrupted, Assert.Single(journal.ListSteps(id)).Outcome);
    }

    [Fact]
    public void A_run_that_does_not_exist_is_refused()
    {
        using var journal = RunJournal.Open(_path, TimeProvider.System);

        Assert.Equal(PipelineError.RunNotFound, Assert.Throws<PipelineException>(() => journal.Get(7)).Reason);
    }

    [Fact]
    public async Task Many_threads_and_two_instances_write_at_once()
    {
        using var one = RunJournal.Open(_path, TimeProvider.System);
        using var two = RunJournal.Open(_path, TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(index => Task.Run(() =>
        {
            var journal = index % 2 == 0 ? one : two;
            var id = journal.Begin($"job{index}", "/a", RunTrigger.Manual);
            journal.BeginStep(id, CycleStep.Prepare);
            journal.End(id, RunOutcome.Succeeded, null);
        })));

        Assert.Equal(40, one.List(new RunQuery { Outcome = RunOutcome.Succeeded }).Count);
    }

    [Fact]
    public void A_journal_of_a_newer_version_is_refused_and_not_changed()
    {
        RunJournal.Open(_path, TimeProvider.System).Dispose();
        Execute($"PRAGMA user_version = {JournalDatabase.Version + 1}");
        var before = File.ReadAllBytes(_path);

        var exception = Assert.Throws<PipelineException>(() => RunJournal.Open(_path, TimeProvider.System));

        Assert.Equal(PipelineError.JournalTooNew, exception.Reason);
        Assert.Contains($"version {JournalDatabase.Version + 1}, this program knows {JournalDatabase.Version}", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_path));
    }

    [Fact]
    public void The_database_of_another_program_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        Execute("CREATE TABLE theirs (x)");
        Assert.Equal(PipelineError.JournalUnusable, Assert.Throws<PipelineException>(() => RunJournal.Open(_path, TimeProvider.System)).Reason);

        Execute("PRAGMA user_version = 1");
        Assert.Equal(PipelineError.JournalUnusable, Assert.Throws<PipelineException>(() => RunJournal.Open(_path, TimeProvider.System)).Reason);
    }

    [Fact]
    public void What_is_no_database_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        File.WriteAllText(_path, new string('x', 5000));

        var exception = Assert.Throws<PipelineException>(() => RunJournal.Open(_path, TimeProvider.System));

        Assert.Equal(PipelineError.JournalUnusable, exception.Reason);
        Assert.Contains(_path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        File.WriteAllText(_temp["state"], "a file");

        Assert.Equal(PipelineError.JournalUnusable, Assert.Throws<PipelineException>(() => RunJournal.Open(_path, TimeProvider.System)).Reason);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
