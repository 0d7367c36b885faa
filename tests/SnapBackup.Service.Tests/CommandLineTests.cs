namespace SnapBackup.Service.Tests;

/// <summary>What the program answers before it serves, and when it refuses to.</summary>
public sealed class CommandLineTests : IAsyncDisposable
{
    private readonly ServiceFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("--bogus", "'--bogus' is no option")]
    [InlineData("folder", "'folder' is no option")]
    [InlineData("--state", "--state needs a value")]
    [InlineData("--state=", "--state needs a value")]
    [InlineData("--state --check", "--state needs a value")]
    [InlineData("--socket a --socket b", "--socket is given twice")]
    [InlineData("--tcp localhost:10809", "'localhost:10809' is no IP address")]
    [InlineData("--tls-key key.pem", "go with --tcp")]
    [InlineData("--tcp 127.0.0.1 --tls-key key.pem", "go together")]
    [InlineData("--tcp 127.0.0.1 --tls-client-ca ca.pem", "go together")]
    [InlineData("--check=yes", "'--check=yes' is no option")]
    public async Task A_wrong_command_line_is_refused(string arguments, string problem)
    {
        var result = await RunAsync(arguments.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Help_and_version_are_told()
    {
        Assert.Contains("--state DIR", (await RunAsync("--help")).Succeeded().Output, StringComparison.Ordinal);
        Assert.StartsWith("snapbackupd 0.", (await RunAsync("--version")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_of_good_documents_says_when_they_run_and_changes_nothing()
    {
        _fixture.Write(_fixture.NewJob("nightly", "30 2 * * *"));
        _fixture.Write(_fixture.NewJob("on-demand", cron: null));

        var result = (await RunAsync("--check", $"--state={_fixture.State.Path}")).Succeeded();

        Assert.Contains("nightly: ok, runs next at", result.Output, StringComparison.Ordinal);
        Assert.Contains("on-demand: ok, runs when asked to", result.Output, StringComparison.Ordinal);
        Assert.Equal([_fixture.State.Jobs], Directory.GetFileSystemEntries(_fixture.State.Path));
    }

    [Fact]
    public async Task A_check_names_every_problem_of_every_document()
    {
        _fixture.Write(_fixture.NewJob("good", "30 2 * * *"));
        _fixture.WriteText("half", """{ "name": "half", "source": "disk.img", "logs": [], "store": "/store" }""");
        _fixture.WriteText("noise", "{");

        var result = await RunAsync("--check", "--state", _fixture.State.Path);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("'disk.img' is not an absolute path", result.Error, StringComparison.Ordinal);
        Assert.Contains("logs: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("noise.json", result.Error, StringComparison.Ordinal);
        Assert.Contains("3 job(s), 2 that cannot be used", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_daemon_on_a_state_folder_is_refused_with_the_process_of_the_first()
    {
        var first = _fixture.StartDaemon();
        await first.LoggedAsync(1, "Running the jobs");

        var second = await RunAsync("--state", _fixture.State.Path);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"process {first.Id} runs the jobs of this folder already", second.Error, StringComparison.Ordinal);
        await first.TerminateAsync();
        var third = _fixture.StartDaemon();
        await third.LoggedAsync(1, "Running the jobs");
        await third.TerminateAsync();
    }

    [Theory]
    [InlineData("--tcp 0.0.0.0:0", "other machines reach this address")]
    [InlineData("--tcp 127.0.0.1 --tls-certificate missing.pem --tls-key missing.pem", "missing.pem")]
    public async Task A_way_to_serve_over_TCP_that_cannot_be_is_refused_before_anything_runs(string arguments, string problem)
    {
        _fixture.Write(_fixture.NewJob("nightly", ServiceFixture.EverySecond));

        var result = await RunAsync(["--state", _fixture.State.Path, .. arguments.Split(' ')]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_fixture.State.Socket));
    }

    [Fact]
    public async Task A_socket_that_cannot_be_made_is_refused_and_nothing_is_left_set_up()
    {
        var tooLong = _fixture[new string('s', 108)];

        var result = await RunAsync("--state", _fixture.State.Path, "--socket", tooLong);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("at most 107 bytes", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_made_is_refused()
    {
        File.WriteAllText(_fixture["file"], "");

        var result = await RunAsync("--state", Path.Combine(_fixture["file"], "state"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the state folder cannot be used", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_told_as_such_and_not_as_a_second_daemon()
    {
        ExternalTool.RequireRoot();
        Directory.CreateDirectory(_fixture.State.Path);
        const string OnFullDisk = """mount -t tmpfs -o size=4k none "$1" && head -c 4096 /dev/zero > "$1/filler" && exec "$0" --state "$1" """;

        // The mount goes with the namespace, and that with its process.
        var result = await ExternalTool.Require("unshare").RunAsync("--mount", "sh", "-c", OnFullDisk, Daemon.Program, _fixture.State.Path);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the state folder cannot be used: No space left on device", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private static async Task<ToolResult> RunAsync(params string[] arguments) =>
        await ExternalTool.Require(Daemon.Program).RunAsync(arguments);
}
