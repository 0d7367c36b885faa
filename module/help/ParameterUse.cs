using System.Globalization;
using System.Reflection;

namespace SnapBackup.Help;

/// <summary>How a parameter stands in a parameter set.</summary>
/// <param name="IsMandatory">Whether it must be given.</param>
/// <param name="Position">Its place among arguments without a name, or <see langword="null"/> when it has none.</param>
/// <param name="PipelineInput">How it takes pipeline input, in the words of Get-Help.</param>
internal sealed record ParameterUse(bool IsMandatory, int? Position, string PipelineInput)
{
    /// <summary>The position in the words of Get-Help.</summary>
    public string PositionText => Position?.ToString(CultureInfo.InvariantCulture) ?? "named";

    /// <summary>Reads a <c>Parameter</c> attribute.</summary>
    public static ParameterUse Read(CustomAttributeData attribute)
    {
        string[] ways =
        [
            .. Argument(attribute, "ValueFromPipeline", false) ? ["ByValue"] : Array.Empty<string>(),
            .. Argument(attribute, "ValueFromPipelineByPropertyName", false) ? ["ByPropertyName"] : Array.Empty<string>(),
        ];
        var position = Argument(attribute, "Position", int.MinValue);
        return new ParameterUse(
            Argument(attribute, "Mandatory", false),
            position == int.MinValue ? null : position,
            ways.Length > 0 ? $"true ({string.Join(", ", ways)})" : "false");
    }

    /// <summary>A named argument of an attribute, or what it is when left out.</summary>
    public static T Argument<T>(CustomAttributeData attribute, string name, T otherwise) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value is T value ? value : otherwise;
}
