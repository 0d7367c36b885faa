using System.Reflection;

namespace SnapBackup.Help;

/// <summary>A cmdlet as its attributes declare it. They are read as metadata: PowerShell itself is not loaded.</summary>
/// <param name="Type">The class.</param>
/// <param name="Verb">Its approved verb.</param>
/// <param name="Noun">Its noun.</param>
/// <param name="DefaultParameterSet">The set that is meant when the arguments fit several, or <see langword="null"/>.</param>
/// <param name="SupportsShouldProcess">Whether it takes -WhatIf and -Confirm.</param>
/// <param name="Parameters">Its own parameters.</param>
/// <param name="OutputTypes">The names of the types it writes.</param>
internal sealed record CmdletModel(
    Type Type,
    string Verb,
    string Noun,
    string? DefaultParameterSet,
    bool SupportsShouldProcess,
    IReadOnlyList<ParameterModel> Parameters,
    IReadOnlyList<string> OutputTypes)
{
    /// <summary>Verb and noun.</summary>
    public string Name => $"{Verb}-{Noun}";

    /// <summary>The names of its parameter sets, the default one first, to which no parameter need belong; one, empty, when it declares none.</summary>
    public IEnumerable<string> ParameterSets
    {
        get
        {
            var named = Parameters.SelectMany(parameter => parameter.Sets.Keys).Where(set => set.Length > 0);
            string[] sets = [.. (DefaultParameterSet is null ? named : named.Prepend(DefaultParameterSet)).Distinct()];
            return sets is [] ? [""] : sets;
        }
    }

    /// <summary>The cmdlet that a class is, or <see langword="null"/> when it is none.</summary>
    public static CmdletModel? TryRead(Type type)
    {
        var attributes = type.GetCustomAttributesData();
        var cmdlet = attributes.FirstOrDefault(attribute => attribute.AttributeType.Name == "CmdletAttribute");
        if (cmdlet is null)
            return null;
        var outputs = attributes
            .Where(attribute => attribute.AttributeType.Name == "OutputTypeAttribute")
            .SelectMany(attribute => (IReadOnlyCollection<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)
            .Select(output => output.Value is Type outputType ? outputType.FullName! : (string)output.Value!);
        return new CmdletModel(
            type,
            (string)cmdlet.ConstructorArguments[0].Value!,
            (string)cmdlet.ConstructorArguments[1].Value!,
            ParameterUse.Argument<string?>(cmdlet, "DefaultParameterSetName", null),
            cmdlet.NamedArguments.Any(argument => argument.MemberName == "SupportsShouldProcess" && argument.TypedValue.Value is true),
            [.. type.GetProperties().Select(ParameterModel.TryRead).OfType<ParameterModel>()],
            [.. outputs]);
    }
}
