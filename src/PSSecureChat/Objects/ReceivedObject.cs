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

    /// <summary>The longest name of a type, in characters.</summary>
    internal const int LongestTypeName = 256;

    // Read when somebody looks, and once: $message.Body.Name and $message.Body.Size are two looks.
    private static readonly ConditionalWeakTable<ChatMessage, Lazy<object?>> s_bodies = [];

    /// <summary>The object of a message; null when it carries none, or none that can be read.</summary>
    public static object? Body(object? message) => (message is PSObject wrapper ? wrapper.BaseObject : message) is ChatMessage { Kind: ChatMessageKind.Object } carrier
        ? s_bodies.GetValue(carrier, static carrier => new Lazy<object?>(() => ObjectReader.Read(carrier.Text))).Value
        : null;

    /// <summary>What a terminal may show of a received object: a line for each property, nothing of a peer's raw.</summary>
    public static string Show(PSObject? received)
    {
        StringBuilder text = new();
        int width = received?.Properties.Select(static property => property.Name.Length).DefaultIfEmpty().Max() ?? 0;
        foreach (PSPropertyInfo property in received?.Properties ?? Enumerable.Empty<PSPropertyInfo>())
        {
            string value = property.Value is object?[] items ? "{" + string.Join(", ", items) + "}" : property.Value?.ToString() ?? string.Empty;
            text.Append(property.Name.PadRight(Math.Min(width, 32))).Append(" : ").AppendLine(SafeText.ForOneLine(value));
        }

        return text.ToString();
    }

    /// <summary>Whether a name looks like that of a type: letters, digits and the marks that names of types have.</summary>
    internal static bool IsTypeName(string? name) => name is { Length: > 0 and <= LongestTypeName }
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '+' or '`' or '[' or ']' or ',' or ' ' or '-' or '/' or '#' or '=' or ':' or '\\');
}
