using System.Management.Automation;

namespace SnapBackup.Module.Tests.Pester;

/// <summary>
/// <c>Should</c>: the operators of <see cref="ShouldOperators"/>, each a switch; a name that is none of them is a binding
/// error, never a pass.
/// </summary>
[Cmdlet(VerbsLifecycle.Assert, "Should")]
public sealed class ShouldCommand : PSCmdlet, IDynamicParameters
{
    private readonly List<object?> _piped = [];

    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public object? ActualValue { get; set; }

    [Parameter(Position = 0)]
    [Alias("ExpectedMessage", "ExpectedType", "RegularExpression")]
    [AllowNull]
    public object? ExpectedValue { get; set; }

    [Parameter]
    public SwitchParameter Not { get; set; }

    [Parameter]
    public string? ErrorId { get; set; }

    [Parameter]
    public Type? ExceptionType { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    public object GetDynamicParameters()
    {
        var parameters = new RuntimeDefinedParameterDictionary();
        foreach (var name in ShouldOperators.Names)
            parameters.Add(name, new RuntimeDefinedParameter(name, typeof(SwitchParameter), [new ParameterAttribute()]));
        // Not a property: -Be would be taken for its abbreviation before the operators are looked at.
        parameters.Add("Because", new RuntimeDefinedParameter("Because", typeof(string), [new ParameterAttribute()]));
        return parameters;
    }

    protected override void ProcessRecord() => _piped.Add(ActualValue);

    protected override void EndProcessing()
    {
        var chosen = ShouldOperators.Names.Where(MyInvocation.BoundParameters.ContainsKey).ToList();
        if (chosen is not [var name])
            throw new PSArgumentException($"Should takes one operator, and was given {chosen.Count}.");
        if (name == "Throw")
            AssertThrow();
        else
            Assert(name);
    }

    private object? Actual => !MyInvocation.ExpectingInput ? ActualValue : _piped switch
    {
        [] => null,
        [var single] => single,
        _ => _piped.ToArray(),
    };

    private void Assert(string name)
    {
        var actual = Unwrap(Actual);
        var expected = Unwrap(ExpectedValue);
        if (ShouldOperators.Holds(name, actual, expected) == Not)
            Fail($"Expected {ShouldText.Of(actual)} {(Not ? "not " : "")}to {name} {ShouldText.Of(expected)}");
    }

    private void AssertThrow()
    {
        if (Unwrap(Actual) is not ScriptBlock script)
            throw new PSArgumentException("Should -Throw takes a script block: { … } | Should -Throw.");
        var thrown = (ErrorRecord?)InvokeCommand
            .InvokeScript(useLocalScope: true, ScriptBlock.Create("param($__script) try { $null = & $__script } catch { $_ }"), null, script)
            .SingleOrDefault()?.BaseObject;
        if (Not)
        {
            if (thrown is not null)
                Fail($"Expected no exception, but {ShouldText.Of(thrown.Exception.Message)} was thrown");
            return;
        }

        if (thrown is null)
            Fail("Expected an exception, but none was thrown");
        else if (ExceptionType is { } type && !type.IsInstanceOfType(thrown.Exception))
            Fail($"Expected an exception of type {type}, but it was a {thrown.Exception.GetType()}: {thrown.Exception.Message}");
        else if (!IsLike(thrown.Exception.Message, ExpectedValue?.ToString()))
            Fail($"Expected an exception with message {ShouldText.Of(ExpectedValue)}, but it was {ShouldText.Of(thrown.Exception.Message)}");
        else if (!IsLike(thrown.FullyQualifiedErrorId, ErrorId))
            Fail($"Expected the error id {ShouldText.Of(ErrorId)}, but it was {ShouldText.Of(thrown.FullyQualifiedErrorId)}");
        else if (PassThru)
            WriteObject(thrown);
    }

    private static bool IsLike(string text, string? pattern) =>
        string.IsNullOrWhiteSpace(pattern) || ShouldOperators.Holds("BeLike", text, pattern);

    private static object? Unwrap(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    private void Fail(string message)
    {
        var because = MyInvocation.BoundParameters.TryGetValue("Because", out var reason) ? $", because {reason}" : "";
        ThrowTerminatingError(new ErrorRecord(
            new InvalidOperationException($"{message}{because}."), "PesterAssertionFailed", ErrorCategory.InvalidResult, ActualValue));
    }
}
