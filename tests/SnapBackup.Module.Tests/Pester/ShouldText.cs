using System.Collections;
using System.Management.Automation;

namespace SnapBackup.Module.Tests.Pester;

/// <summary>Values as a failed assertion shows them.</summary>
internal static class ShouldText
{
    public static string Of(object? value) => value switch
    {
        null => "$null",
        bool truth => truth ? "$true" : "$false",
        string text => $"'{text}'",
        IList list => $"@({string.Join(", ", list.Cast<object?>().Select(Of))})",
        _ => $"{LanguagePrimitives.ConvertTo<string>(value)} [{value.GetType()}]",
    };
}
