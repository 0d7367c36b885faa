using System.Management.Automation;
using System.Management.Automation.Runspaces;
using SnapBackup.Module.Tests.Hosting;
using SnapBackup.Module.Tests.Pester;
using Shell = System.Management.Automation.PowerShell;

namespace SnapBackup.Module.Tests.Runner;

/// <summary>Each operator of <c>Should</c>, where it holds and where it does not, with and without <c>-Not</c>.</summary>
public sealed class ShouldTests
{
    [Theory]
    [InlineData("1 | Should -Be 1")]
    [InlineData("'a' | Should -Be 'A'")]
    [InlineData("1 | Should -Be '1'")]
    [InlineData("1, 2 | Should -Be 1, 2")]
    [InlineData("1, (2, 3) | Should -Be 1, (2, 3)")]
    [InlineData("$null | Should -Be $null")]
    [InlineData("'a' | Should -BeExactly 'a'")]
    [InlineData("$true | Should -BeTrue")]
    [InlineData("1 | Should -BeTrue")]
    [InlineData("$false | Should -BeFalse")]
    [InlineData("$null | Should -BeFalse")]
    [InlineData("$null | Should -BeNullOrEmpty")]
    [InlineData("'' | Should -BeNullOrEmpty")]
    [InlineData("@() | Should -BeNullOrEmpty")]
    [InlineData("@{} | Should -BeNullOrEmpty")]
    [InlineData("1 | Should -BeOfType int")]
    [InlineData("1 | Should -BeOfType [int]")]
    [InlineData("'a' | Should -BeOfType ([string])")]
    [InlineData("'Abc' | Should -BeLike 'a*'")]
    [InlineData("'Abc' | Should -BeLikeExactly 'A*'")]
    [InlineData("'Abc' | Should -Match '^a.c$'")]
    [InlineData("'Abc' | Should -MatchExactly '^A'")]
    [InlineData("1, 2 | Should -Contain 2")]
    [InlineData("'a', 'B' | Should -Contain 'b'")]
    [InlineData("'a', 'B' | Should -ContainExactly 'B'")]
    [InlineData("2 | Should -BeIn 1, 2")]
    [InlineData("1, 2 | Should -HaveCount 2")]
    [InlineData("@() | Should -HaveCount 0")]
    [InlineData("2 | Should -BeGreaterThan 1")]
    [InlineData("1 | Should -BeLessThan 2")]
    [InlineData("2 | Should -BeGreaterOrEqual 2")]
    [InlineData("2 | Should -BeLessOrEqual 2")]
    [InlineData("{ throw 'x' } | Should -Throw")]
    [InlineData("{ throw 'the message' } | Should -Throw 'THE*'")]
    [InlineData("{ throw 'the message' } | Should -Throw -ExpectedMessage '*mess*'")]
    [InlineData("{ [int]::Parse('x') } | Should -Throw -ErrorId 'FormatException'")]
    [InlineData("{ throw [System.IO.IOException]::new('x') } | Should -Throw -ExceptionType ([System.IO.IOException])")]
    [InlineData("Should -ActualValue 1 -Be 1")]
    public void What_holds_passes_and_its_negation_fails(string assertion)
    {
        Run(assertion);
        // Pester's -Not -Throw takes no filters: any exception fails it.
        Assert.Equal("PesterAssertionFailed,SnapBackup.Module.Tests.Pester.ShouldCommand", FailureOf(assertion.Replace("Should ", "Should -Not ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("1 | Should -Be 2")]
    [InlineData("1, 2 | Should -Be 1")]
    [InlineData("1, 2 | Should -Be 2, 1")]
    [InlineData("'' | Should -Be $null")]
    [InlineData("'a' | Should -BeExactly 'A'")]
    [InlineData("0 | Should -BeTrue")]
    [InlineData("'x' | Should -BeFalse")]
    [InlineData("0 | Should -BeNullOrEmpty")]
    [InlineData("@{ a = 1 } | Should -BeNullOrEmpty")]
    [InlineData("'1' | Should -BeOfType int")]
    [InlineData("$null | Should -BeOfType int")]
    [InlineData("'abc' | Should -BeLike 'b*'")]
    [InlineData("'Abc' | Should -BeLikeExactly 'a*'")]
    [InlineData("'abc' | Should -Match '^b'")]
    [InlineData("'Abc' | Should -MatchExactly '^a'")]
    [InlineData("1, 2 | Should -Contain 3")]
    [InlineData("'a' | Should -ContainExactly 'A'")]
    [InlineData("3 | Should -BeIn 1, 2")]
    [InlineData("1, 2 | Should -HaveCount 3")]
    [InlineData("$null | Should -HaveCount 1")]
    [InlineData("1 | Should -BeGreaterThan 1")]
    [InlineData("1 | Should -BeLessThan 1")]
    [InlineData("1 | Should -BeGreaterOrEqual 2")]
    [InlineData("2 | Should -BeLessOrEqual 1")]
    [InlineData("{ } | Should -Throw")]
    public void What_does_not_hold_fails_and_its_negation_passes(string assertion)
    {
        Assert.Equal("PesterAssertionFailed,SnapBackup.Module.Tests.Pester.ShouldCommand", FailureOf(assertion));
        Run(assertion.Replace("Should ", "Should -Not ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ throw 'a' } | Should -Throw 'b'")]
    [InlineData("{ throw 'a' } | Should -Throw -ErrorId 'b'")]
    [InlineData("{ throw 'a' } | Should -Throw -ExceptionType ([System.IO.IOException])")]
    public void Another_exception_than_the_expected_one_fails(string assertion) =>
        Assert.Equal("PesterAssertionFailed,SnapBackup.Module.Tests.Pester.ShouldCommand", FailureOf(assertion));

    [Theory]
    [InlineData("1 | Should -BeMagic 1", "NamedParameterNotFound")]
    [InlineData("1 | Should Be 1", "PositionalParameterNotFound")]
    [InlineData("1 | Should", "Argument")]
    [InlineData("1 | Should -Be -BeExactly 1", "Argument")]
    [InlineData("1 | Should -Throw", "Argument")]
    public void What_is_no_assertion_is_an_error_and_never_a_pass(string assertion, string errorId) =>
        Assert.StartsWith(errorId, FailureOf(assertion), StringComparison.Ordinal);

    [Fact]
    public void PassThru_hands_out_the_error_that_was_thrown()
    {
        var thrown = Run("{ throw 'x' } | Should -Throw -PassThru");
        Assert.Equal("x", Assert.IsType<ErrorRecord>(Assert.Single(thrown).BaseObject).Exception.Message);
    }

    private static string FailureOf(string script) => Assert.ThrowsAny<RuntimeException>(() => Run(script)).ErrorRecord.FullyQualifiedErrorId;

    private static System.Collections.ObjectModel.Collection<PSObject> Run(string script)
    {
        var state = ModuleSession.CreateInitialState();
        state.Commands.Add(new SessionStateCmdletEntry("Assert-Should", typeof(ShouldCommand), helpFileName: null));
        state.Commands.Add(new SessionStateAliasEntry("Should", "Assert-Should"));
        state.Variables.Add(new SessionStateVariableEntry("ErrorActionPreference", ActionPreference.Stop, ""));
        using var runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        using var shell = Shell.Create(runspace).AddScript(script);
        return shell.Invoke();
    }
}
