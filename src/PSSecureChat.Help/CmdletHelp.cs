using System.Management.Automation;
using System.Xml.Linq;

namespace PSSecureChat.Help;

/// <summary>The help of one cmdlet.</summary>
internal sealed class CmdletHelp(CmdletInfo cmdlet, CommentFile comments, IReadOnlyList<CmdletInfo> all)
{
    private readonly Type _type = cmdlet.ImplementingType;
    private readonly object _fresh = Activator.CreateInstance(cmdlet.ImplementingType)!;

    /// <summary>The command element.</summary>
    public XElement ToMaml() => new(
        Maml.Command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", Maml.Text),
        new XAttribute(XNamespace.Xmlns + "command", Maml.Command),
        new XAttribute(XNamespace.Xmlns + "dev", Maml.Dev),
        new XElement(
            Maml.Command + "details",
            new XElement(Maml.Command + "name", cmdlet.Name),
            new XElement(Maml.Command + "verb", cmdlet.Verb),
            new XElement(Maml.Command + "noun", cmdlet.Noun),
            Maml.Description(CommentFile.Paragraphs(comments.OfType(_type, "summary")))),
        Maml.Description(CommentFile.Paragraphs(comments.OfType(_type, "remarks"))),
        new XElement(Maml.Command + "syntax", cmdlet.ParameterSets.Select(Syntax)),
        new XElement(Maml.Command + "parameters", Distinct().Select(parameter => parameter.ToMaml())),
        new XElement(Maml.Command + "inputTypes", Inputs()),
        new XElement(Maml.Command + "returnValues", Outputs()),
        new XElement(Maml.Command + "examples", comments.Examples(_type).Select(Example)),
        new XElement(Maml.Command + "relatedLinks", Links().Select(static name => new XElement(Maml.Text + "navigationLink", new XElement(Maml.Text + "linkText", name), new XElement(Maml.Text + "uri")))));

    // Positional parameters first and in their order, then the mandatory ones: as people type them.
    private XElement Syntax(CommandParameterSetInfo set) => new(
        Maml.Command + "syntaxItem",
        Maml.Name(cmdlet.Name),
        Shown(set).OrderBy(static parameter => parameter.Position < 0 ? int.MaxValue : parameter.Position).ThenBy(static parameter => !parameter.IsMandatory).Select(parameter => Help(parameter).ToMaml()));

    private IEnumerable<ParameterHelp> Distinct() => cmdlet.ParameterSets
        .SelectMany(Shown)
        .DistinctBy(static parameter => parameter.Name)
        .OrderBy(static parameter => parameter.Name, StringComparer.Ordinal)
        .Select(Help);

    private ParameterHelp Help(CommandParameterInfo parameter) => new(parameter, _type, _fresh, comments);

    private static IEnumerable<CommandParameterInfo> Shown(CommandParameterSetInfo set) => set.Parameters
        .Where(static parameter => !Cmdlet.CommonParameters.Contains(parameter.Name))
        .Where(static parameter => !parameter.Attributes.OfType<ParameterAttribute>().Any(static attribute => attribute.DontShow));

    // Also what a hidden parameter takes: hidden are those that exist only for the pipeline.
    private IEnumerable<XElement> Inputs() => cmdlet.ParameterSets
        .SelectMany(static set => set.Parameters)
        .Where(static parameter => parameter.ValueFromPipeline)
        .DistinctBy(static parameter => parameter.Name)
        .Select(parameter => new XElement(
            Maml.Command + "inputType",
            Maml.Type(ParameterHelp.Element(parameter.ParameterType).FullName!),
            Maml.Description(CommentFile.Paragraphs(comments.OfProperty(_type, parameter.Name, "summary")))))
        .DefaultIfEmpty(new XElement(Maml.Command + "inputType", Maml.Type("None")));

    private IEnumerable<XElement> Outputs() => cmdlet.OutputType.Select(output => output.Type is not { } type || type == typeof(void)
        ? new XElement(Maml.Command + "returnValue", Maml.Type("None"))
        : new XElement(Maml.Command + "returnValue", Maml.Type(type.FullName!), Maml.Description(CommentFile.Paragraphs(comments.OfType(type, "summary")))));

    private XElement Example(XElement example, int index)
    {
        string[] before = [.. example.Elements("code").FirstOrDefault()?.ElementsBeforeSelf("para").SelectMany(CommentFile.Paragraphs) ?? []];
        return new XElement(
            Maml.Command + "example",
            new XElement(Maml.Text + "title", $"Example {index + 1}: {string.Join(' ', before)}"),
            new XElement(Maml.Dev + "code", string.Join('\n', example.Elements("code").Select(CommentFile.Code))),
            new XElement(Maml.Dev + "remarks", Maml.Paragraphs(example.Elements("code").LastOrDefault()?.ElementsAfterSelf("para").SelectMany(CommentFile.Paragraphs) ?? [])));
    }

    private IEnumerable<string> Links()
    {
        string[] pointedTo = [.. comments.SeeAlso(_type)];
        return all
            .Where(other => other != cmdlet && (other.Noun == cmdlet.Noun || pointedTo.Contains(other.ImplementingType.FullName)))
            .Select(static other => other.Name)
            .Append("about_PSSecureChat");
    }
}
