using System.Collections;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace SnapBackup.Module.Tests.Pester;

/// <summary>What the operators of <c>Should</c> mean; texts are compared without regard to case unless the name says Exactly.</summary>
public static class ShouldOperators
{
    private static readonly Dictionary<string, Func<object?, object?, bool>> All = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Be"] = (actual, expected) => AreEqual(actual, expected, ignoreCase: true),
        ["BeExactly"] = (actual, expected) => AreEqual(actual, expected, ignoreCase: false),
        ["BeTrue"] = (actual, _) => LanguagePrimitives.IsTrue(actual),
        ["BeFalse"] = (actual, _) => !LanguagePrimitives.IsTrue(actual),
        ["BeNullOrEmpty"] = (actual, _) => IsNullOrEmpty(actual),
        ["BeOfType"] = (actual, expected) => LanguagePrimitives.ConvertTo<Type>(TypeName(expected)).IsInstanceOfType(actual),
        ["BeLike"] = (actual, expected) => List(actual).Any(item => IsLike(item, expected, WildcardOptions.IgnoreCase)),
        ["BeLikeExactly"] = (actual, expected) => List(actual).Any(item => IsLike(item, expected, WildcardOptions.None)),
        ["Match"] = (actual, expected) => List(actual).Any(item => IsMatch(item, expected, RegexOptions.IgnoreCase)),
        ["MatchExactly"] = (actual, expected) => List(actual).Any(item => IsMatch(item, expected, RegexOptions.None)),
        ["Contain"] = (actual, expected) => List(actual).Any(item => LanguagePrimitives.Equals(item, expected, ignoreCase: true)),
        ["ContainExactly"] = (actual, expected) => List(actual).Any(item => LanguagePrimitives.Equals(item, expected, ignoreCase: false)),
        ["BeIn"] = (actual, expected) => List(expected).Any(item => LanguagePrimitives.Equals(item, actual, ignoreCase: true)),
        ["HaveCount"] = (actual, expected) => List(actual).Count == LanguagePrimitives.ConvertTo<int>(expected),
        ["BeGreaterThan"] = (actual, expected) => Compare(actual, expected) > 0,
        ["BeLessThan"] = (actual, expected) => Compare(actual, expected) < 0,
        ["BeGreaterOrEqual"] = (actual, expected) => Compare(actual, expected) >= 0,
        ["BeLessOrEqual"] = (actual, expected) => Compare(actual, expected) <= 0,
    };

    /// <summary>All of them, with <c>Throw</c>, which runs a script block and is the command's own.</summary>
    public static IEnumerable<string> Names => [.. All.Keys, "Throw"];

    public static bool Holds(string name, object? actual, object? expected) => All[name](actual, expected);

    // As Pester: one value and a list of that one value are equal, and so are null, the empty list and a list of one null.
    private static bool AreEqual(object? actual, object? expected, bool ignoreCase)
    {
        var (actuals, expecteds) = (List(actual), List(expected));
        if (IsEmpty(actuals) || IsEmpty(expecteds))
            return IsEmpty(actuals) && IsEmpty(expecteds);
        return actuals.Count == expecteds.Count && actuals.Zip(expecteds).All(pair =>
            IsList(pair.First) || IsList(pair.Second)
                ? AreEqual(pair.First, pair.Second, ignoreCase)
                : LanguagePrimitives.Equals(pair.Second, pair.First, ignoreCase));
    }

    private static bool IsEmpty(List<object?> values) => values is [] or [null];

    private static bool IsNullOrEmpty(object? value) => value switch
    {
        IDictionary table => table.Count == 0,
        _ => List(value) switch
        {
            [] => true,
            [IDictionary table] => table.Count == 0,
            [var single] => string.IsNullOrEmpty(LanguagePrimitives.ConvertTo<string>(single)),
            _ => false,
        },
    };

    private static int Compare(object? actual, object? expected) => LanguagePrimitives.Compare(actual, expected, ignoreCase: true);

    private static bool IsLike(object? value, object? pattern, WildcardOptions options) =>
        new WildcardPattern(LanguagePrimitives.ConvertTo<string>(pattern), options).IsMatch(LanguagePrimitives.ConvertTo<string>(value) ?? "");

    private static bool IsMatch(object? value, object? pattern, RegexOptions options) =>
        Regex.IsMatch(
            LanguagePrimitives.ConvertTo<string>(value) ?? "", LanguagePrimitives.ConvertTo<string>(pattern), options, TimeSpan.FromSeconds(5));

    // As an argument [int] is a text, brackets included.
    private static object? TypeName(object? expected) => expected is string name ? name.Trim('[', ']') : expected;

    private static bool IsList(object? value) => value is IList;

    private static List<object?> List(object? value) => value switch
    {
        null => [],
        string or IDictionary => [value],
        IEnumerable values => [.. values.Cast<object?>().Select(item => item is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : item)],
        _ => [value],
    };
}
