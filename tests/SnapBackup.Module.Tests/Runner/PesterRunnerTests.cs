using SnapBackup.Module.Tests.Pester;

namespace SnapBackup.Module.Tests.Runner;

/// <summary>What the runner of suites promises, shown on small suites of its own.</summary>
public sealed class PesterRunnerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<PesterFile> _files = [];

    public static TaskCompletionSource Started { get; } = new();

    public void Dispose()
    {
        _files.ForEach(file => file.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public void A_passing_and_a_failing_test_are_told_apart_and_the_failure_names_its_line()
    {
        var tests = Run(
            """
            Describe 'sums' {
                It 'adds' { 1 + 1 | Should -Be 2 }
                It 'fails' {
                    1 + 1 | Should -Be 3 -Because 'it is wrong'
                }
            }
            """);
        Assert.Equal(["sums > adds: Passed", "sums > fails: Failed"], Outcomes(tests));
        Assert.Contains("because it is wrong", tests[1].Reason, StringComparison.Ordinal);
        Assert.Contains("Suite.Tests.ps1: line 4", tests[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_throwing_BeforeAll_fails_each_test_below_it_and_AfterAll_still_runs()
    {
        var mark = _folder["mark"];
        var tests = Run(
            $$"""
            Describe 'outer' {
                It 'is not below it' { }
                Context 'inner' {
                    BeforeAll { throw 'no setup' }
                    AfterAll { [System.IO.File]::WriteAllText('{{mark}}', '') }
                    It 'one' { }
                    Context 'deeper' { It 'two' { } }
                }
            }
            """);
        Assert.Equal(["outer > is not below it: Passed", "outer > inner > one: Failed", "outer > inner > deeper > two: Failed"], Outcomes(tests));
        Assert.Contains("no setup", tests[2].Reason, StringComparison.Ordinal);
        Assert.True(File.Exists(mark));
    }

    [Theory]
    [InlineData("BeforeEach")]
    [InlineData("AfterEach")]
    [InlineData("AfterAll")]
    public void A_throwing_setup_or_teardown_is_a_failure(string block)
    {
        var tests = Run($"Describe 'd' {{ {block} {{ throw 'broken' }}; It 'passes by itself' {{ }} }}");
        Assert.Equal(["d > passes by itself: Failed"], Outcomes(tests));
    }

    [Fact]
    public void Skipped_tests_do_not_run_and_tell_why()
    {
        var tests = Run(
            """
            Describe 'd' {
                It 'by flag' -Skip { throw }
                It 'by itself' { Set-ItResult -Skipped -Because 'the moon is full'; throw }
                Context 'c' -Skip { BeforeAll { throw }; It 'by its block' { throw } }
            }
            """);
        Assert.Equal(["d > by flag: Skipped", "d > by itself: Skipped", "d > c > by its block: Skipped"], Outcomes(tests));
        Assert.Equal("is skipped, because the moon is full", tests[1].Reason);
    }

    [Fact]
    public void Setups_run_outermost_first_and_teardowns_innermost_first_in_the_scope_of_the_test()
    {
        Passes(
            """
            BeforeAll { $log = [System.Collections.Generic.List[string]]::new() }
            Describe 'd' {
                BeforeEach { $log.Add('outer'); $x = 1 }
                AfterEach { $log.Add("/outer $y") }
                Context 'c' {
                    BeforeEach { $log.Add("inner $x") }
                    AfterEach { $log.Add('/inner') }
                    It 'first' { $y = 2; $log.Add('test') }
                    It 'second' { $log -join ',' | Should -Be 'outer,inner 1,test,/inner,/outer 2,outer,inner 1'; $y | Should -BeNullOrEmpty }
                }
            }
            """);
    }

    [Fact]
    public void Variables_of_setup_are_seen_below_and_not_beside()
    {
        Passes(
            """
            BeforeAll { $fromFile = 1 }
            Describe 'a' {
                BeforeAll { $fromBlock = 2 }
                It 'sees both' { $fromFile + $fromBlock | Should -Be 3; $fromTest = 3 }
                It 'does not see what a test set' { $fromTest | Should -Be $null }
            }
            Describe 'b' { It 'does not see its neighbour' { $fromBlock | Should -Be $null } }
            """);
    }

    [Fact]
    public void Variables_of_discovery_shape_the_tests_and_are_gone_when_they_run()
    {
        var tests = Run(
            """
            BeforeDiscovery { $cases = 1, 2 }
            $loose = 5
            Describe 'd' { It 'case <_>' -ForEach $cases { $_ | Should -BeIn 1, 2; $cases | Should -Be $null; $loose | Should -Be $null } }
            """);
        Assert.Equal(["d > case 1: Passed", "d > case 2: Passed"], Outcomes(tests));
    }

    [Fact]
    public void Cases_become_variables_names_and_parameters()
    {
        var tests = Run(
            """
            Describe 'block <b>' -ForEach @{ b = 'B' } {
                It '<b> and <t.x> but `<t> nor <unknown>' -TestCases @{ t = @{ x = 7 } } {
                    param($t)
                    $b | Should -Be 'B'; $t.x | Should -Be 7; $_.t.x | Should -Be 7
                }
            }
            Describe 'none' -ForEach @() { It 'never' { throw } }
            """);
        Assert.Equal(["block B > B and 7 but <t> nor <unknown>: Passed"], Outcomes(tests));
    }

    [Fact]
    public void Tags_of_blocks_and_tests_are_known()
    {
        var tests = Run("Describe 'd' -Tag a { It 'i' -Tag b, c { } }");
        Assert.Equal(["a", "b", "c"], tests[0].Tags);
    }

    [Fact]
    public void The_test_drive_is_emptied_of_what_a_block_leaves_in_it()
    {
        Passes(
            """
            BeforeAll { [System.IO.File]::WriteAllText("$TestDrive/kept", 'k') }
            Describe 'a' {
                It 'leaves files' {
                    $null = [System.IO.Directory]::CreateDirectory("$TestDrive/folder/below")
                    [System.IO.File]::WriteAllText("$TestDrive/folder/below/file", 'f')
                    $ExecutionContext.InvokeProvider.Item.Exists('TestDrive:/folder') | Should -BeTrue
                }
                It 'finds them in the same block' { [System.IO.File]::Exists("$TestDrive/folder/below/file") | Should -BeTrue }
            }
            Describe 'b' {
                It 'finds only what the file made' { @([System.IO.Directory]::GetFileSystemEntries($TestDrive)) | Should -HaveCount 1 }
            }
            """);
    }

    [Fact]
    public void Script_paths_are_those_of_the_suite()
    {
        Passes(
            $$"""
            BeforeAll { $setup = $PSScriptRoot }
            Describe 'd' { It 'i' { $PSScriptRoot | Should -Be '{{_folder.Path}}'; $setup | Should -Be $PSScriptRoot; $PSCommandPath | Should -BeLike '*/Suite.Tests.ps1' } }
            """);
    }

    [Fact]
    public void A_loose_break_ends_the_test_and_not_the_run()
    {
        var tests = Run("Describe 'd' { It 'breaks' { break }; It 'still runs' { throw 'here' } }");
        Assert.Equal(["d > breaks: Passed", "d > still runs: Failed"], Outcomes(tests));
    }

    [Theory]
    [InlineData("Describe 'd' { throw 'unreadable' }")]
    [InlineData("Describe 'd' { It 'i' { unreadable")]
    [InlineData("Describe 'd' { Mock unreadable { } }")]
    public void A_file_that_cannot_be_read_says_why_and_has_no_tests(string suite)
    {
        var file = Discover(suite);
        Assert.Contains("unreadable", file.DiscoveryError, StringComparison.Ordinal);
        Assert.Empty(file.Tests);
    }

    [Fact]
    public async Task A_stopped_run_leaves_its_tests_not_run()
    {
        var file = Discover(
            """
            Describe 'd' {
                It 'runs' { }
                It 'waits' { [SnapBackup.Module.Tests.Runner.PesterRunnerTests]::Started.SetResult(); while ($true) { } }
                It 'comes too late' { }
            }
            """);
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => file.Run(stop.Token), CancellationToken.None);
        await Started.Task;
        await stop.CancelAsync();
        await Record.ExceptionAsync(() => running);
        Assert.Equal(["d > runs: Passed", "d > waits: NotRun", "d > comes too late: NotRun"], Outcomes(file.Tests));
    }

    private static IEnumerable<string> Outcomes(IEnumerable<PesterTest> tests) => tests.Select(test => $"{test.FullName}: {test.Outcome}");

    private void Passes(string suite) =>
        Assert.All(Run(suite), test => Assert.True(test.Outcome == PesterOutcome.Passed, $"{test.FullName}: {test.Reason}"));

    private IReadOnlyList<PesterTest> Run(string suite)
    {
        var file = Discover(suite);
        Assert.Null(file.DiscoveryError);
        file.Run(TestContext.Current.CancellationToken);
        return file.Tests;
    }

    private PesterFile Discover(string suite)
    {
        var path = _folder["Suite.Tests.ps1"];
        File.WriteAllText(path, suite);
        _files.Add(PesterFile.Discover(path));
        return _files[^1];
    }
}
