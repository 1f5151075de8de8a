using System.Xml.Linq;

namespace PSSecureChat.Help;

/// <summary>The vocabulary of PowerShell's help files.</summary>
internal static class Maml
{
    public static readonly XNamespace Root = "http://msh";
    public static readonly XNamespace Text = "http://schemas.microsoft.com/maml/2004/10";
    public static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    public static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>A description of one paragraph for each of the texts.</summary>
    public static XElement Description(IEnumerable<string> paragraphs) => new(Text + "description", Paragraphs(paragraphs));

    /// <summary>Texts as paragraphs.</summary>
    public static IEnumerable<XElement> Paragraphs(IEnumerable<string> paragraphs) => paragraphs.Select(static paragraph => new XElement(Text + "para", paragraph));

    /// <summary>A name.</summary>
    public static XElement Name(string name) => new(Text + "name", name);

    /// <summary>A type by its name.</summary>
    public static XElement Type(string name) => new(Dev + "type", Name(name), new XElement(Text + "uri"));
}
