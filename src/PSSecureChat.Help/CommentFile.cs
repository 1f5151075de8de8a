using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PSSecureChat.Help;

/// <summary>The documentation comments of the program, as the compiler left them beside the assemblies.</summary>
internal sealed partial class CommentFile(IEnumerable<string> paths)
{
    private readonly Dictionary<string, XElement> _members = paths
        .SelectMany(static path => XDocument.Load(path, LoadOptions.PreserveWhitespace).Descendants("member"))
        .ToDictionary(static member => (string)member.Attribute("name")!, StringComparer.Ordinal);

    /// <summary>A part of the comment on a type.</summary>
    public XElement? OfType(Type type, string part) => Part($"T:{type.FullName}", part);

    /// <summary>A part of the comment on a property, where the property is declared.</summary>
    public XElement? OfProperty(Type type, string property, string part) =>
        type.GetProperty(property) is { DeclaringType: { } declaring } ? Part($"P:{declaring.FullName}.{property}", part) : null;

    /// <summary>A part of the comment on a value of an enumeration.</summary>
    public XElement? OfValue(Type enumeration, string value, string part) => Part($"F:{enumeration.FullName}.{value}", part);

    /// <summary>The examples on a type.</summary>
    public IEnumerable<XElement> Examples(Type type) => Parts(type, "example");

    /// <summary>The names of the types that the comment on a type points to.</summary>
    public IEnumerable<string> SeeAlso(Type type) => Parts(type, "seealso").Select(static link => ((string)link.Attribute("cref")!)[2..]);

    /// <summary>The paragraphs of a text: what stands in para elements, and what stands beside them.</summary>
    public static IEnumerable<string> Paragraphs(XElement? text)
    {
        List<XNode> beside = [];
        foreach (XNode node in text?.Nodes() ?? [])
        {
            if (node is not XElement { Name.LocalName: "para" } paragraph)
            {
                beside.Add(node);
                continue;
            }

            foreach (string line in NotEmpty(beside))
            {
                yield return line;
            }

            beside.Clear();
            yield return Flow(paragraph.Nodes());
        }

        foreach (string line in NotEmpty(beside))
        {
            yield return line;
        }
    }

    /// <summary>Code as it was written, without the indentation of the comment.</summary>
    public static string Code(XElement code)
    {
        string[] lines = code.Value.Replace("\r", string.Empty, StringComparison.Ordinal).Trim('\n').TrimEnd().Split('\n');
        int indentation = lines.Where(static line => line.Trim().Length > 0).Select(static line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(line => line.Length > indentation ? line[indentation..].TrimEnd() : string.Empty));
    }

    private static IEnumerable<string> NotEmpty(IEnumerable<XNode> nodes) => Flow(nodes) is { Length: > 0 } line ? [line] : [];

    private static string Flow(IEnumerable<XNode> nodes) => Blanks().Replace(string.Concat(nodes.Select(Inline)), " ").Trim();

    private static string Inline(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see when see.Attribute("cref") is { } cref => cref.Value[(cref.Value.LastIndexOfAny(['.', ':']) + 1)..],
        XElement element when (element.Attribute("langword") ?? element.Attribute("name")) is { } word => word.Value,
        XElement element => string.Concat(element.Nodes().Select(Inline)),
        _ => string.Empty,
    };

    private XElement? Part(string member, string part) => _members.GetValueOrDefault(member)?.Element(part);

    private IEnumerable<XElement> Parts(Type type, string part) => _members.GetValueOrDefault($"T:{type.FullName}")?.Elements(part) ?? [];

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
