using System.Globalization;
using System.Management.Automation;

namespace SnapBackup.PowerShell;

/// <summary>
/// Lets a parameter of type <see cref="TimeSpan"/> take a duration as people write it: a number of seconds, a text such as <c>'0:10:00'</c> (hours,
/// minutes, seconds; days before a dot), or what New-TimeSpan makes. PowerShell itself would take a number for ticks, and the text '60' for days. Null
/// stays null: as if the parameter had not been given.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        switch (value)
        {
            case null or TimeSpan:
                return value;
            case string text when text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time):
                return time;
        }

        return value is not bool && LanguagePrimitives.TryConvertTo<double>(value, out var seconds) && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new ArgumentTransformationMetadataException(
                $"'{value}' is not a duration. Write a number of seconds (90) or a text with hours, minutes and seconds ('0:01:30').");
    }
}
