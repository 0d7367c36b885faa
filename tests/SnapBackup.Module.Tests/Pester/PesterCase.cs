using System.Collections;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace SnapBackup.Module.Tests.Pester;

/// <summary>One element of <c>-ForEach</c>: <c>$_</c> in the block, and its keys as variables when it is a hashtable.</summary>
public sealed partial class PesterCase
{
    private PesterCase(bool isGiven, object? value) => (IsGiven, Value) = (isGiven, value);

    /// <summary>The case of a block or test without <c>-ForEach</c>.</summary>
    public static PesterCase None { get; } = new(isGiven: false, value: null);

    public bool IsGiven { get; }

    public object? Value { get; }

    /// <summary>The variables it defines; also what a <c>param()</c> block of a test is given.</summary>
    public Hashtable Variables => Value as Hashtable ?? [];

    public static IEnumerable<PesterCase> Each(object[]? values) =>
        values is null ? [] : values.Select(value => new PesterCase(isGiven: true, value is PSObject wrapped ? wrapped.BaseObject : value));

    /// <summary>Fills <c>&lt;name&gt;</c>, <c>&lt;name.property&gt;</c> and <c>&lt;_&gt;</c> in a name; what no case knows is left as it is.</summary>
    /// <param name="name">The name with placeholders.</param>
    /// <param name="cases">The cases in force, innermost first.</param>
    public static string Expand(string name, IReadOnlyList<PesterCase> cases) => Placeholder().Replace(name, match =>
    {
        if (match.Value[0] == '`')
            return match.Value[1..];
        var path = match.Groups["path"].Value.Split('.');
        foreach (var data in cases)
        {
            if (data.TryFind(path[0], out var value))
                return LanguagePrimitives.ConvertTo<string>(path.Skip(1).Aggregate(value, Member)) ?? "";
        }

        return match.Value;
    });

    private static object? Member(object? value, string name) =>
        value is Hashtable table ? table[name] : PSObject.AsPSObject(value).Properties[name]?.Value;

    private bool TryFind(string name, out object? value)
    {
        value = name == "_" ? Value : Variables[name];
        return IsGiven && (name == "_" || Variables.ContainsKey(name));
    }

    [GeneratedRegex("`?<(?<path>[A-Za-z_][A-Za-z0-9_.]*)>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
