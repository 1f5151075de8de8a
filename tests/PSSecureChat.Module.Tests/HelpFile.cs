using System.Xml.Linq;

namespace PSSecureChat.ModuleTests;

/// <summary>One example of the help.</summary>
/// <param name="Cmdlet">Whose.</param>
/// <param name="Number">The how many-th, from 1.</param>
/// <param name="Title">What it is for.</param>
/// <param name="Code">What is typed.</param>
public sealed record HelpExample(string Cmdlet, int Number, string Title, string Code);

/// <summary>The built help file, as it ships.</summary>
internal static class HelpFile
{
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Text = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private static readonly XDocument File = XDocument.Load(Path.Combine(Repository.Root, "en-US", "PSSecureChat.dll-Help.xml"));

    public static IReadOnlyList<string> Cmdlets { get; } = [.. File.Descendants(Command + "command").Select(Name).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<HelpExample> Examples { get; } =
    [
        .. File.Descendants(Command + "command").SelectMany(static command => command.Descendants(Command + "example").Select((example, index) =>
            new HelpExample(Name(command), index + 1, (string)example.Element(Text + "title")!, (string)example.Element(Dev + "code")!))),
    ];

    private static string Name(XElement command) => (string)command.Element(Command + "details")!.Element(Command + "name")!;
}
