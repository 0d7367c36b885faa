using System.Xml.Linq;

namespace SnapBackup.Help;

/// <summary>The XML docs of an assembly, as plain text.</summary>
internal sealed class XmlDocs
{
    private readonly Dictionary<string, XElement> _members;

    private XmlDocs(Dictionary<string, XElement> members) => _members = members;

    /// <summary>Reads the file the compiler wrote.</summary>
    public static XmlDocs Load(string path) =>
        new(XDocument.Load(path).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value));

    /// <summary>The paragraphs of a section of a member's docs; none when it is not there.</summary>
    /// <param name="member">The documented member, such as <c>T:Some.Type</c>.</param>
    /// <param name="section">Such as <c>summary</c>.</param>
    public IEnumerable<string> Paragraphs(string member, string section) =>
        Sections(member, section).SelectMany(Paragraphs);

    /// <summary>A short text of a member's docs; null when it is not there.</summary>
    /// <param name="member">The documented member.</param>
    /// <param name="section">Such as <c>value</c>.</param>
    public string? Phrase(string member, string section) => Sections(member, section).Select(Text).Select(OneLine).FirstOrDefault();

    /// <summary>The examples of a type: their code as it stands, and the paragraphs around it.</summary>
    public IEnumerable<(string Code, IEnumerable<string> Remarks)> Examples(Type type) =>
        Sections($"T:{type.FullName}", "example").Select(example => (
            string.Join("\n\n", example.Elements("code").Select(code => Unindent(code.Value))),
            Paragraphs(new XElement("remarks", example.Nodes().Where(node => node is not XElement { Name.LocalName: "code" })))));

    private static IEnumerable<string> Paragraphs(XElement section)
    {
        var parts = new List<string> { "" };
        foreach (var node in section.Nodes())
        {
            if (node is XElement { Name.LocalName: "para" } paragraph)
                parts.AddRange([Text(paragraph), ""]);
            else
                parts[^1] += Text(node);
        }

        return parts.Select(OneLine).Where(part => part.Length > 0);
    }

    private static string OneLine(string text) => string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { IsEmpty: true } reference => Reference(reference),
        XElement element => string.Concat(element.Nodes().Select(Text)),
        _ => "",
    };

    // <see cref="P:A.B.C"/> is read as C; <see langword="null"/> and <paramref name="x"/> as what they name.
    private static string Reference(XElement reference) =>
        reference.Attributes().FirstOrDefault() is { } attribute ? attribute.Value[(attribute.Value.LastIndexOfAny(['.', ':']) + 1)..] : "";

    private static string Unindent(string code)
    {
        var lines = code.Trim('\r', '\n').TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..].TrimEnd() : ""));
    }

    private IEnumerable<XElement> Sections(string member, string section) =>
        _members.TryGetValue(member, out var docs) ? docs.Elements(section) : [];
}
