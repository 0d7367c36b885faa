using SnapBackup.Blocks;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Pipeline.Tests.Jobs;

public sealed class JobValidatorTests
{
    [Fact]
    public void A_valid_job_has_no_problems() => Assert.Empty(TestJobs.Validator.FindProblems(TestJobs.Nightly("/data")));

    [Theory]
    [InlineData("nightly")]
    [InlineData("a")]
    [InlineData("0_db.example-2")]
    public void A_name_that_can_name_a_file_is_taken(string name) =>
        Assert.Empty(TestJobs.Validator.FindProblems(TestJobs.Nightly("/data") with { Name = name }));

    [Theory]
    [InlineData(".hidden")]
    [InlineData("-rf")]
    [InlineData("a/b")]
    [InlineData("../up")]
    [InlineData("two words")]
    [InlineData("näh")]
    [InlineData("line\n")]
    [InlineData("a2345678901234567890123456789012345678901234567890123456789012345")]
    public void A_name_that_could_mean_something_else_is_refused(string name) =>
        AssertOnly("name", $"'{name}' is not a name", TestJobs.Nightly("/data") with { Name = name });

    [Fact]
    public void A_relative_path_is_refused_wherever_it_stands()
    {
        var job = TestJobs.Nightly("/data");

        AssertOnly("source", "'disk.img' is not an absolute path", job with { Source = "disk.img" });
        AssertOnly("store", "'./store' is not an absolute path", job with { Store = "./store" });
        AssertOnly("logs[0].path", "'disk.log' is not an absolute path", job with { Logs = [new JobLog { Path = "disk.log" }] });
        AssertOnly("source", "is not an absolute path", job with { Source = "/disk\0img" });
    }

    [Fact]
    public void Logs_are_counted_and_told_apart()
    {
        var job = TestJobs.Nightly("/data");
        var many = Enumerable.Range(0, 513).Select(index => new JobLog { Path = $"/log/{index}" }).ToList();

        AssertOnly("logs", "1 to 512 logs, not 0", job with { Logs = [] });
        AssertOnly("logs", "1 to 512 logs, not 513", job with { Logs = many });
        Assert.Empty(TestJobs.Validator.FindProblems(job with { Logs = many[1..] }));
        AssertOnly("logs[2].path", "'/log/0' is logs[0] already", job with { Logs = [many[0], many[1], many[0]] });
        AssertOnly("logs[1]", "null is not a log", job with { Logs = [many[0], null!] });
        AssertOnly("logs[0].size", "0 B is no size", job with { Logs = [many[0] with { Size = new ByteSize(0) }] });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2048)]
    [InlineData(5000)]
    [InlineData(2 << 20)]
    public void A_block_size_that_the_engine_cannot_use_is_refused(long size) =>
        AssertOnly("blockSize", $"{size} bytes", TestJobs.Nightly("/data") with { BlockSize = new ByteSize(size) });

    [Theory]
    [InlineData(2048)]
    [InlineData(5000)]
    [InlineData(128 << 10)]
    public void A_change_granularity_that_the_engine_cannot_use_is_refused(long size) => AssertOnly(
        "changeGranularity",
        $"{size} bytes cannot be the unit of the change map; write a power of two from \"4 KiB\" to \"64 KiB\"",
        TestJobs.Nightly("/data") with { ChangeGranularity = new ByteSize(size) });

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Keeping_nothing_is_refused(int keep) =>
        AssertOnly("keep", $"{keep} archives cannot be kept", TestJobs.Nightly("/data") with { Keep = keep });

    [Theory]
    [InlineData("")]
    [InlineData("61 2 * * *")]
    [InlineData("every night")]
    [InlineData("30 2 * *")]
    [InlineData("30 2 * * * * * *")]
    public void A_schedule_that_is_not_cron_is_refused(string cron) =>
        AssertOnly("schedule.cron", $"'{cron}' is not a cron expression", WithCron(cron));

    [Theory]
    [InlineData("0 0 0 31 2 ?")]
    [InlineData("0 0 31 2 *")]
    public void A_schedule_that_never_fires_is_refused(string cron) =>
        AssertOnly("schedule.cron", $"'{cron}' names no time: it would never run", WithCron(cron));

    [Fact]
    public void A_log_that_is_the_source_is_refused() => AssertOnly(
        "logs[0].path",
        "is the source",
        TestJobs.Nightly("/backup") with { Source = "/disk.img", Logs = [new JobLog { Path = "/disk.img" }] });

    [Theory]
    [InlineData("")]
    [InlineData("Mars/Olympus")]
    public void A_time_zone_that_does_not_exist_is_refused(string zone) => AssertOnly(
        "schedule.timeZone",
        $"'{zone}' is not a time zone",
        TestJobs.Nightly("/data") with { Schedule = new JobSchedule { Cron = "30 2 * * *", TimeZone = zone } });

    [Fact]
    public void Every_problem_is_named_at_once()
    {
        var job = JobJson.Read("""{"logs": [{}], "schedule": {"timeZone": "Nowhere"}, "keep": 0, "blockSize": 1}"""u8, "job.json");

        var exception = Assert.Throws<PipelineException>(() => TestJobs.Validator.ThrowIfInvalid(job, "job.json"));

        Assert.Equal(PipelineError.InvalidJob, exception.Reason);
        Assert.Equal(
            ["name", "source", "logs[0].path", "store", "schedule.timeZone", "schedule.cron", "keep", "blockSize"],
            TestJobs.Validator.FindProblems(job).Select(problem => problem.Member));
        Assert.All(TestJobs.Validator.FindProblems(job), problem => Assert.Contains(problem.ToString(), exception.Message, StringComparison.Ordinal));
    }

    private static JobDocument WithCron(string cron) =>
        TestJobs.Nightly("/data") with { Schedule = new JobSchedule { Cron = cron } };

    private static void AssertOnly(string member, string text, JobDocument job)
    {
        var problem = Assert.Single(TestJobs.Validator.FindProblems(job));
        Assert.Equal(member, problem.Member);
        Assert.Contains(text, problem.Text, StringComparison.Ordinal);
    }
}
