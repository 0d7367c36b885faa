using System.Xml.Linq;

namespace SnapBackup.Help;

/// <summary>
/// Writes MAML. A cmdlet's <c>summary</c> becomes its synopsis, <c>remarks</c> its description, each <c>example</c> an
/// example, a property's <c>summary</c> (and <c>remarks</c>) the description of the parameter, its <c>value</c> the value that it has when it is not given.
/// </summary>
internal static class MamlWriter
{
    private static readonly XNamespace Help = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The help file of some cmdlets.</summary>
    public static XDocument Write(IEnumerable<CmdletModel> cmdlets, XmlDocs docs) => new(
        new XElement(
            Help + "helpItems",
            new XAttribute("schema", "maml"),
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            cmdlets.Select(cmdlet => Cmdlet(cmdlet, docs))));

    private static XElement Cmdlet(CmdletModel cmdlet, XmlDocs docs) => new(
        Command + "command",
        new XElement(
            Command + "details",
            new XElement(Command + "name", cmdlet.Name),
            Description(docs.Paragraphs(DocsOf(cmdlet), "summary")),
            new XElement(Command + "verb", cmdlet.Verb),
            new XElement(Command + "noun", cmdlet.Noun)),
        Description(docs.Paragraphs(DocsOf(cmdlet), "remarks")),
        new XElement(Command + "syntax", cmdlet.ParameterSets.Select(set => Syntax(cmdlet, set))),
        new XElement(Command + "parameters", cmdlet.Parameters.Select(parameter => Parameter(parameter, parameter.Sets.Values.First(), docs))),
        new XElement(Command + "returnValues", cmdlet.OutputTypes.Select(ReturnValue)),
        new XElement(Command + "examples", docs.Examples(cmdlet.Type).Select(Example)));

    private static XElement Syntax(CmdletModel cmdlet, string set)
    {
        var parameters = cmdlet.Parameters
            .Select(parameter => (Parameter: parameter, Use: parameter.UseIn(set)))
            .Where(used => used.Use is not null)
            .OrderBy(used => used.Use!.Position ?? int.MaxValue)
            .ThenByDescending(used => used.Use!.IsMandatory)
            .Select(used => Parameter(used.Parameter, used.Use!, docs: null));
        string[] common = cmdlet.SupportsShouldProcess ? ["WhatIf", "Confirm"] : [];
        return new XElement(
            Command + "syntaxItem", new XElement(Maml + "name", cmdlet.Name), parameters, common.Select(CommonSwitch));
    }

    private static XElement Parameter(ParameterModel parameter, ParameterUse use, XmlDocs? docs)
    {
        var member = $"P:{parameter.Property.DeclaringType!.FullName}.{parameter.Property.Name}";
        return new XElement(
            Command + "parameter",
            new XAttribute("required", use.IsMandatory ? "true" : "false"),
            new XAttribute("globbing", parameter.TakesWildcards ? "true" : "false"),
            new XAttribute("pipelineInput", use.PipelineInput),
            new XAttribute("position", use.PositionText),
            new XAttribute("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none"),
            new XElement(Maml + "name", parameter.Property.Name),
            docs is null ? null : Description(docs.Paragraphs(member, "summary").Concat(docs.Paragraphs(member, "remarks"))),
            parameter.IsSwitch ? null : new XElement(Command + "parameterValue", new XAttribute("required", "true"), parameter.ValueType.Name),
            parameter.ValueType.IsEnum ? Values(parameter.ValueType) : null,
            new XElement(Dev + "type", new XElement(Maml + "name", parameter.ValueType.Name)),
            new XElement(Dev + "defaultValue", docs?.Phrase(member, "value") ?? (parameter.IsSwitch ? "False" : "None")));
    }

    private static XElement CommonSwitch(string name) => new(
        Command + "parameter",
        new XAttribute("required", "false"),
        new XAttribute("pipelineInput", "false"),
        new XAttribute("position", "named"),
        new XElement(Maml + "name", name));

    private static XElement Values(Type choices) => new(
        Command + "parameterValueGroup",
        Enum.GetNames(choices).Select(name => new XElement(Command + "parameterValue", new XAttribute("required", "false"), name)));

    private static XElement ReturnValue(string type) =>
        new(Command + "returnValue", new XElement(Dev + "type", new XElement(Maml + "name", type)));

    private static XElement Example((string Code, IEnumerable<string> Remarks) example, int index) => new(
        Command + "example",
        new XElement(Maml + "title", $"-------------------------- Example {index + 1} --------------------------"),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", example.Remarks.Append("").Select(Paragraph))); // an empty line before the next

    private static XElement Description(IEnumerable<string> paragraphs) => new(Maml + "description", paragraphs.Select(Paragraph));

    private static XElement Paragraph(string text) => new(Maml + "para", text);

    private static string DocsOf(CmdletModel cmdlet) => $"T:{cmdlet.Type.FullName}";
}
