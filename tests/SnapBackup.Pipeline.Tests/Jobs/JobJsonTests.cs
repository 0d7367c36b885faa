using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SnapBackup.Blocks;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Pipeline.Tests.Jobs;

public sealed class JobJsonTests
{
    private const string Complete = """
        {
          "$schema": "job.schema.json",
          "name": "nightly",
          "source": "/dev/vg0/data",
          "logs": [
            {
              "path": "/var/lib/snap/data.log",
              "size": "20GiB"
            },
            {
              "path": "/dev/sdz"
            }
          ],
          "store": "/backup/größe",
          "schedule": {
            "cron": "30 2 * * *",
            "timeZone": "Europe/Berlin",
            "missed": "skip"
          },
          "keep": 7,
          "attach": "always",
          "blockSize": "64KiB",
          "changeGranularity": "8KiB",
          "durability": "volatile",
          "allocation": "most-free"
        }

        """;

    [Fact]
    public void A_complete_document_is_read_and_written_back_the_same()
    {
        var job = Read(Complete);

        Assert.Equal(Complete, JobJson.Write(job));
        Assert.Equal("nightly", job.Name);
        Assert.Equal(new ByteSize(20L << 30), job.Logs[0].Size);
        Assert.Null(job.Logs[1].Size);
        Assert.Equal(new JobSchedule { Cron = "30 2 * * *", TimeZone = "Europe/Berlin", Missed = MissedRuns.Skip }, job.Schedule);
        Assert.Equal(7, job.Keep);
        Assert.Equal(AttachMode.Always, job.Attach);
        Assert.Equal(new ByteSize(65536), job.BlockSize);
        Assert.Equal(new ByteSize(8192), job.ChangeGranularity);
        Assert.Equal((LogDurability.Volatile, LogAllocation.MostFree), (job.Durability, job.Allocation));
    }

    [Fact]
    public void What_a_job_says_of_its_device_reaches_the_device()
    {
        var options = Read(Complete).ToDeviceOptions();

        Assert.Equal((65536, 8192), (options.BlockSize, options.ChangeGranularity));
        Assert.Equal((LogDurability.Volatile, LogAllocation.MostFree), (options.Durability, options.Allocation));
    }

    [Fact]
    public void What_a_job_does_not_say_of_its_device_is_the_engines_choice()
    {
        var usual = new DeviceSettings();
        var options = TestJobs.Nightly("/d").ToDeviceOptions();

        Assert.Equal((usual.BlockSize, usual.ChangeGranularity), (options.BlockSize, options.ChangeGranularity));
        Assert.Equal((usual.Durability, usual.Allocation), (options.Durability, options.Allocation));
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var job = Read("""{"name": "a", "source": "/a", "logs": [{"path": "/l"}], "store": "/s", "schedule": {"cron": "0 2 * * *"}}""");

        Assert.Equal(new JobSchedule { Cron = "0 2 * * *", TimeZone = "UTC", Missed = MissedRuns.CatchUp }, job.Schedule);
        Assert.Equal(AttachMode.Run, job.Attach);
        Assert.Null(job.Keep);
        Assert.Null(job.BlockSize);
        Assert.Null(job.ChangeGranularity);
        Assert.Null(job.Durability);
        Assert.Null(job.Allocation);
    }

    [Fact]
    public void Comments_trailing_commas_and_a_byte_order_mark_are_allowed()
    {
        var job = Read("\uFEFF// the night\n{ \"name\": \"a\", /* soon */ \"keep\": 3, }");

        Assert.Equal(3, job.Keep);
    }

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("\"4096\"", 4096)]
    [InlineData("\"1.5 MiB\"", 1_572_864)]
    public void A_size_is_a_number_or_text(string size, long bytes) =>
        Assert.Equal(new ByteSize(bytes), Read($$"""{"blockSize": {{size}}}""").BlockSize);

    [Fact]
    public void A_size_without_a_round_unit_is_written_as_its_number()
    {
        var job = TestJobs.Nightly("/d") with { BlockSize = new ByteSize(1_234_567) };

        Assert.Contains("\"blockSize\": 1234567\n", JobJson.Write(job), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n \"kepe\": 7}", "line 2, kepe: there is no such member")]
    [InlineData("{\"schedule\": {\"corn\": 7}}", "schedule.corn: there is no such member")]
    [InlineData("{\"logs\": [{\"path\": \"/l\"}, {\"sise\": 7}]}", "logs[1].sise: there is no such member")]
    [InlineData("{\"Name\": \"a\"}", "Name: there is no such member")]
    [InlineData("{\"name\": \"a\", \"name\": \"b\"}", "name: the member appears twice")]
    [InlineData("{\"name\": 7}", "name: the value is of another kind")]
    [InlineData("{\"keep\": \"7\"}", "keep: the value is of another kind")]
    [InlineData("{\"keep\": 7.5}", "keep: the value is of another kind")]
    [InlineData("{\"keep\": 99999999999}", "keep: the value is of another kind")]
    [InlineData("{\"logs\": {}}", "logs: the value is of another kind")]
    [InlineData("{\"attach\": \"never\"}", "attach: write one of \"run\", \"always\"")]
    [InlineData("{\"attach\": 1}", "attach: write one of \"run\", \"always\"")]
    [InlineData("{\"durability\": \"lazy\"}", "durability: write one of \"strict\", \"volatile\"")]
    [InlineData("{\"allocation\": \"MostFree\"}", "allocation: write one of \"sequential\", \"striped\", \"most-free\"")]
    [InlineData("{\"schedule\": {\"missed\": \"CatchUp\"}}", "schedule.missed: write one of \"catch-up\", \"skip\"")]
    [InlineData("{\"blockSize\": \"4 KB\"}", "blockSize: it is not a size; write a number of bytes, or text such as \"20GiB\"")]
    [InlineData("{\"blockSize\": 4096.5}", "blockSize: it is not a size")]
    [InlineData("{\"name\": \"a\"", "line 1: it is not JSON at column 13: ")]
    [InlineData("{\"name\": nope}", "line 1, name: it is not JSON at column 11: ")]
    [InlineData("", "line 1: it is not JSON at column 1: ")]
    [InlineData("[]", "line 1: the value is of another kind")]
    [InlineData("null", "null is not a job")]
    [InlineData("{\"name\": \"\\ud800\"}", "name: ")]
    [InlineData("{\"attach\": \"\\ud800\"}", "attach: ")]
    [InlineData("{\"logs\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "logs[0]: ")]
    public void A_document_of_another_shape_is_refused_with_the_place(string text, string message)
    {
        var exception = Assert.Throws<PipelineException>(() => Read(text));

        Assert.Equal(PipelineError.InvalidJob, exception.Reason);
        Assert.StartsWith("job.json: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_UTF_8_is_refused()
    {
        var exception = Assert.Throws<PipelineException>(() => JobJson.Read([.. "{\"name\": \""u8, 0xFF, .. "\"}"u8], "job.json"));

        Assert.Equal(PipelineError.InvalidJob, exception.Reason);
    }

    [Fact]
    public void The_schema_lists_exactly_the_members_that_are_read()
    {
        var schema = JsonNode.Parse(JobJson.ReadSchema())!;
        var properties = schema["properties"]!;

        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)schema["$schema"]);
        Assert.Equal(MembersOf(typeof(JobDocument)), NamesIn(properties));
        Assert.Equal(MembersOf(typeof(JobLog)), NamesIn(properties["logs"]!["items"]!["properties"]!));
        Assert.Equal(MembersOf(typeof(JobSchedule)), NamesIn(properties["schedule"]!["properties"]!));
        Assert.Equal(["catch-up", "skip"], properties["schedule"]!["properties"]!["missed"]!["enum"]!.AsArray().Select(value => (string)value!));
        Assert.Equal(["run", "always"], properties["attach"]!["enum"]!.AsArray().Select(value => (string)value!));
        Assert.Equal(["strict", "volatile"], properties["durability"]!["enum"]!.AsArray().Select(value => (string)value!));
        Assert.Equal(["sequential", "striped", "most-free"], properties["allocation"]!["enum"]!.AsArray().Select(value => (string)value!));
    }

    private static JobDocument Read(string text) => JobJson.Read(Encoding.UTF8.GetBytes(text), "job.json");

    private static IEnumerable<string> NamesIn(JsonNode properties) =>
        properties.AsObject().Select(property => property.Key).Order(StringComparer.Ordinal);

    private static IEnumerable<string> MembersOf(Type type) => type.GetProperties()
        .Select(property => property.Name == "Schema" ? "$schema" : JsonNamingPolicy.CamelCase.ConvertName(property.Name))
        .Order(StringComparer.Ordinal);
}
