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
        var duration = value switch
        {
            null or TimeSpan => value,
            string text => Read(text),
            bool => null,
            _ => LanguagePrimitives.TryConvertTo<double>(value, out var seconds) ? FromSeconds(seconds) : null,
        };
        return value is null || duration is not null
            ? duration
            : throw new ArgumentTransformationMetadataException(
                $"'{value}' is not a duration. Write a number of seconds (90) or a text with hours, minutes and seconds ('0:01:30').");
    }

    private static TimeSpan? Read(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null;
        return double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) ? FromSeconds(seconds) : null;
    }

    private static TimeSpan? FromSeconds(double seconds) =>
        Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
}
