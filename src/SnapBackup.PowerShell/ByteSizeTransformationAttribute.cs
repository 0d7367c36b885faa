using System.Management.Automation;
using SnapBackup.Blocks;

namespace SnapBackup.PowerShell;

/// <summary>
/// Lets a parameter of type <see cref="long"/> take a number of bytes as people write it: PowerShell's numbers
/// (<c>20GB</c>, which PowerShell counts in powers of 1024) and texts such as <c>'20GiB'</c>. Null stays null: as if the
/// parameter had not been given.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ByteSizeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is null)
            return null;
        if (value is string text)
        {
            return ByteSize.TryParse(text, out var size)
                ? size.Bytes
                : throw new ArgumentTransformationMetadataException(
                    $"'{text}' is not a size. Write a number of bytes (20GB without quotes) or a text such as '20GiB'.");
        }

        return value is not bool
            && LanguagePrimitives.TryConvertTo<decimal>(value, out var number)
            && number is >= 0 and <= long.MaxValue
            && decimal.IsInteger(number)
                ? (long)number
                : throw new ArgumentTransformationMetadataException(
                    $"'{value}' is not a whole number of bytes from 0 to {long.MaxValue}.");
    }
}
