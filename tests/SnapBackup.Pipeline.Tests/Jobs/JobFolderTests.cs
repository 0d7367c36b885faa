using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Pipeline.Tests.Jobs;

public sealed class JobFolderTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly JobFolder _folder;

    public JobFolderTests() => _folder = new JobFolder(_temp["jobs"], TestJobs.Validator);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_written_job_is_read_back()
    {
        var job = TestJobs.Nightly(_temp.Path);

        _folder.Write(job);

        Assert.Equivalent(job, _folder.Read("nightly"), strict: true);
        Assert.Equivalent(job, Assert.Single(_folder.ReadAll().Jobs), strict: true);
        Assert.Equal(["nightly.json"], Directory.EnumerateFileSystemEntries(_temp["jobs"]).Select(Path.GetFileName));
    }

    [Fact]
    public void A_job_is_replaced_only_on_request()
    {
        var job = TestJobs.Nightly(_temp.Path);
        _folder.Write(job);

        var exception = Assert.Throws<PipelineException>(() => _folder.Write(job with { Keep = 3 }));
        Assert.Equal(PipelineError.JobExists, exception.Reason);
        Assert.Null(_folder.Read("nightly").Keep);

        _folder.Write(job with { Keep = 3 }, replace: true);
        Assert.Equal(3, _folder.Read("nightly").Keep);
    }

    [Fact]
    public void An_invalid_job_is_not_written()
    {
        var exception = Assert.Throws<PipelineException>(() => _folder.Write(TestJobs.Nightly(_temp.Path) with { Keep = 0 }));

        Assert.Equal(PipelineError.InvalidJob, exception.Reason);
        Assert.False(Directory.Exists(_temp["jobs"]));
    }

    [Fact]
    public void A_job_without_a_time_left_is_not_written_but_read()
    {
        var past = TestJobs.Nightly(_temp.Path) with { Schedule = new JobSchedule { Cron = "0 0 0 1 1 ? 2001" } };
        var error = Assert.Throws<PipelineException>(() => _folder.Write(past));
        Assert.Equal(PipelineError.InvalidJob, error.Reason);
        Assert.Contains("names no time from now on", error.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.Path);
        File.WriteAllText(Path.Combine(_folder.Path, $"{past.Name}.json"), JobJson.Write(past));
        Assert.Equal(past.Schedule, _folder.Read(past.Name).Schedule);
    }

    [Fact]
    public void A_removed_job_is_gone_and_cannot_be_removed_again()
    {
        _folder.Write(TestJobs.Nightly(_temp.Path));

        _folder.Remove("nightly");

        Assert.Empty(_folder.ReadAll().Jobs);
        Assert.Equal(PipelineError.JobNotFound, Assert.Throws<PipelineException>(() => _folder.Remove("nightly")).Reason);
        Assert.Equal(PipelineError.JobNotFound, Assert.Throws<PipelineException>(() => _folder.Read("nightly")).Reason);
    }

    [Fact]
    public void A_name_cannot_lead_out_of_the_folder()
    {
        File.WriteAllText(_temp["precious.json"], "{}");

        Assert.Equal(PipelineError.InvalidJob, Assert.Throws<PipelineException>(() => _folder.Remove("../precious")).Reason);
        Assert.True(File.Exists(_temp["precious.json"]));
    }

    [Fact]
    public void A_broken_document_is_reported_and_does_not_stop_the_others()
    {
        _folder.Write(TestJobs.Nightly(_temp.Path));
        File.WriteAllText(Path.Combine(_folder.Path, "torn.json"), "{\"name\": \"torn\", ");
        File.WriteAllText(Path.Combine(_folder.Path, "empty.json"), "{}");

        var content = _folder.ReadAll();

        Assert.Equal("nightly", Assert.Single(content.Jobs).Name);
        Assert.Equal(["empty", "torn"], content.Broken.Keys.Order());
        Assert.All(content.Broken, broken => Assert.Contains(Path.Combine(_folder.Path, broken.Key + ".json"), broken.Value.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_copied_document_with_the_old_name_inside_is_reported()
    {
        _folder.Write(TestJobs.Nightly(_temp.Path));
        File.Copy(Path.Combine(_folder.Path, "nightly.json"), Path.Combine(_folder.Path, "weekly.json"));

        var broken = Assert.Single(_folder.ReadAll().Broken);

        Assert.Equal("weekly", broken.Key);
        Assert.Contains("'nightly' is not the file's name", broken.Value.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_files_and_unfinished_ones_are_passed_over()
    {
        _folder.Write(TestJobs.Nightly(_temp.Path));
        File.WriteAllText(Path.Combine(_folder.Path, ".nightly.json.tmp"), "{");
        File.WriteAllText(Path.Combine(_folder.Path, ".#nightly.json"), "{");
        File.WriteAllText(Path.Combine(_folder.Path, "README.md"), "jobs");

        var content = _folder.ReadAll();

        Assert.Single(content.Jobs);
        Assert.Empty(content.Broken);
    }

    [Fact]
    public async Task A_pipe_in_the_folder_is_reported_and_not_waited_for()
    {
        _folder.Write(TestJobs.Nightly(_temp.Path));
        await ExternalTool.Require("mkfifo").RunAsync(Path.Combine(_folder.Path, "pipe.json"));

        var content = _folder.ReadAll();

        Assert.Single(content.Jobs);
        var (name, problem) = Assert.Single(content.Broken);
        Assert.Equal(("pipe", PipelineError.InvalidJob), (name, problem.Reason));
        Assert.Contains("pipe.json: it is not a regular file", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_that_its_judge_stumbles_over_is_reported_and_does_not_stop_the_others()
    {
        var job = TestJobs.Nightly(_temp.Path);
        _folder.Write(job);
        _folder.Write(job with { Name = "odd", Schedule = new JobSchedule { Cron = "0 5 * * *" } });
        var folder = new JobFolder(_folder.Path, new JobValidator(new StumblingCalendar("0 5 * * *"), TimeProvider.System));

        var content = folder.ReadAll();

        Assert.Equal("nightly", Assert.Single(content.Jobs).Name);
        Assert.Contains("odd.json: it cannot be read: stumbled", Assert.Single(content.Broken).Value.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_document_is_refused_unread()
    {
        Directory.CreateDirectory(_folder.Path);
        using (var file = File.Create(Path.Combine(_folder.Path, "huge.json")))
            file.SetLength(JobJson.MaximumSize + 1);

        var exception = Assert.Throws<PipelineException>(() => _folder.Read("huge"));

        Assert.Contains("at most 4194304", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_of_a_folder_that_is_away_is_not_called_missing()
    {
        var exception = Assert.Throws<PipelineException>(() => _folder.Read("nightly"));

        Assert.Equal(PipelineError.JobFolderUnusable, exception.Reason);
    }

    [Fact]
    public void A_folder_that_is_missing_or_cannot_hold_documents_is_named()
    {
        var exception = Assert.Throws<PipelineException>(() => _folder.ReadAll());
        Assert.Equal(PipelineError.JobFolderUnusable, exception.Reason);
        Assert.Contains(_folder.Path, exception.Message, StringComparison.Ordinal);

        File.WriteAllText(_folder.Path, "a file");
        Assert.Equal(
            PipelineError.JobFolderUnusable,
            Assert.Throws<PipelineException>(() => _folder.Write(TestJobs.Nightly(_temp.Path))).Reason);
    }

    private sealed class StumblingCalendar(string over) : ICronCalendar
    {
        public bool IsValid(string cron) => string.Equals(cron, over, StringComparison.Ordinal) ? throw new InvalidOperationException("stumbled") : true;

        public DateTimeOffset? NextAfter(string cron, TimeZoneInfo timeZone, DateTimeOffset time) => time;
    }
}
