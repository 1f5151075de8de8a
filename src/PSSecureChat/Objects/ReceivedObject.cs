using System.Globalization;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using System.Text;

namespace PSSecureChat.Objects;

/// <summary>The objects that messages carry, for the type and view files of the module. Not meant to be used by scripts: they have ChatMessage.Body.</summary>
public static class ReceivedObject
{
    /// <summary>What every received object is called. A name of its own, so that no view and no script property that the session has for a type is put on a stranger's data.</summary>
    public const string TypeName = "PSSecureChat.Received";

    /// <summary>What is put before the name of the type that the sender's object had.</summary>
    public const string TypeNamePrefix = TypeName + "#";

    /// <summary>The property of the JSON that holds the name of the sender's type.</summary>
    internal const string TypeNameProperty = "PSTypeName";

    /// <summary>The property that shows an object where no view does.</summary>
    internal const string DisplayProperty = "DisplayText";

    /// <summary>The most characters a view shows of one value.</summary>
    internal const int LongestLine = 480;

    /// <summary>The most characters of an object as a text.</summary>
    private const int LongestText = 4000;

    /// <summary>The longest name of a type, in characters.</summary>
    internal const int LongestTypeName = 256;

    // Read when somebody looks, and once: $message.Body.Name and $message.Body.Size are two looks.
    private static readonly ConditionalWeakTable<ChatMessage, Lazy<object?>> s_bodies = [];

    /// <summary>The object of a message; null when it carries none, or none that can be read.</summary>
    public static object? Body(object? message) => (message is PSObject wrapper ? wrapper.BaseObject : message) is ChatMessage { Kind: ChatMessageKind.Object } carrier
        ? s_bodies.GetValue(carrier, static carrier => new Lazy<object?>(() => ObjectReader.Read(carrier.Text))).Value
        : null;

    /// <summary>What a terminal may show of a received object: a line for each property, nothing of a peer's raw, and so much of it as a person reads.</summary>
    public static string Show(PSObject? received)
    {
        const int MostLines = 100;
        const int LongestName = 64;
        const int WidestColumn = 32;
        StringBuilder text = new();
        PSPropertyInfo[] all = [.. PropertiesOf(received)];
        (string Name, PSPropertyInfo Property)[] shown = [.. all.Take(MostLines).Select(static property => (ReceivedText.Of(property.Name, LongestName), property))];
        int width = shown.Select(static line => line.Name.Length).DefaultIfEmpty().Max();
        foreach ((string name, PSPropertyInfo property) in shown)
        {
            text.Append(name.PadRight(Math.Min(width, WidestColumn))).Append(" : ").AppendLine(ReceivedText.Of(ObjectWriter.ValueOf(property), LongestLine));
        }

        return all.Length > MostLines ? text.AppendLine(CultureInfo.InvariantCulture, $"(and {all.Length - MostLines} more properties)").ToString() : text.ToString();
    }

    /// <summary>A received object on one line, nothing of a peer's raw: what it is where a text is asked of it.</summary>
    public static string ToText(PSObject received) => ReceivedText.Of(received, LongestText);

    /// <summary>What the peer sent: without our own property, which one that comes out of a job or a file has among them.</summary>
    internal static IEnumerable<PSPropertyInfo> PropertiesOf(PSObject? received) =>
        received?.Properties.Where(static property => property.Name != DisplayProperty) ?? [];

    /// <summary>Whether a name looks like that of a type: letters, digits and the marks that names of types have.</summary>
    internal static bool IsTypeName(string? name) => name is { Length: > 0 and <= LongestTypeName }
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '+' or '`' or '[' or ']' or ',' or ' ' or '-' or '/' or '#' or '=' or ':' or '\\');
}
