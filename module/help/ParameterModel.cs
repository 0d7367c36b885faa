using System.Reflection;

namespace SnapBackup.Help;

/// <summary>A parameter of a cmdlet.</summary>
/// <param name="Property">The property it binds to.</param>
/// <param name="Sets">How it stands in each parameter set; the empty name means all sets.</param>
/// <param name="Aliases">Other names for it.</param>
/// <param name="TakesWildcards">Whether wildcards select.</param>
internal sealed record ParameterModel(
    PropertyInfo Property, IReadOnlyDictionary<string, ParameterUse> Sets, IReadOnlyList<string> Aliases, bool TakesWildcards)
{
    /// <summary>Its type, without the wrapping of a value that may be left out.</summary>
    public Type ValueType => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether it is given without a value.</summary>
    public bool IsSwitch => ValueType.Name == "SwitchParameter";

    /// <summary>How the parameter stands in a set, or <see langword="null"/> when it is not part of it.</summary>
    public ParameterUse? UseIn(string set) => Sets.TryGetValue(set, out var use) || Sets.TryGetValue("", out use) ? use : null;

    /// <summary>The parameter that a property is, or <see langword="null"/> when it is none.</summary>
    public static ParameterModel? TryRead(PropertyInfo property)
    {
        var attributes = property.GetCustomAttributesData();
        var uses = attributes
            .Where(attribute => attribute.AttributeType.Name == "ParameterAttribute")
            .ToDictionary(attribute => ParameterUse.Argument(attribute, "ParameterSetName", ""), ParameterUse.Read);
        var aliases = attributes
            .Where(attribute => attribute.AttributeType.Name == "AliasAttribute")
            .SelectMany(attribute => (IReadOnlyCollection<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)
            .Select(alias => (string)alias.Value!);
        var takesWildcards = attributes.Any(attribute => attribute.AttributeType.Name == "SupportsWildcardsAttribute");
        return uses.Count > 0 ? new ParameterModel(property, uses, [.. aliases], takesWildcards) : null;
    }
}
