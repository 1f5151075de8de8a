using System.Management.Automation;
using System.Text.Json;
using PSSecureChat.Engine;

namespace PSSecureChat.Objects;

/// <summary>
/// Makes plain objects of a peer's JSON: custom objects with note properties, arrays, texts, numbers, truth values, nothing else. No name
/// in it can reach a member of PowerShell's own, and no type is looked up by it.
/// </summary>
internal sealed class ObjectReader
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = ObjectLimits.Depth };

    // What PowerShell reserves; what it takes for its own when it shows an object, or makes a text of it; and those of the module's type file.
    private static readonly HashSet<string> s_reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "PSBase", "PSAdapted", "PSExtended", "PSObject", "PSTypeNames",
        "PSStandardMembers", "PSComputerName", "PSShowComputerName", "PSSourceJobInstanceId", "RunspaceId", "ToString",
        ReceivedObject.DisplayProperty, "SafeText",
    };

    private static readonly PSCodeMethod s_toString = new("ToString", typeof(ReceivedObject).GetMethod(nameof(ReceivedObject.ToText)));
    private int _values;

    /// <summary>The object; null when the text is not JSON or beyond the limits.</summary>
    public static object? Read(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, s_options);
            return new ObjectReader().Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private object? Read(in JsonElement element)
    {
        if (++_values > ObjectLimits.Values)
        {
            throw new JsonException("too many values");
        }

        return element.ValueKind switch
        {
            JsonValueKind.Object => ReadObject(element),
            JsonValueKind.Array => ReadArray(element),
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => ReadNumber(element),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };
    }

    // Of names that PowerShell takes for one, the last counts.
    private PSObject ReadObject(in JsonElement element)
    {
        Dictionary<string, ReceivedProperty> properties = new(StringComparer.OrdinalIgnoreCase);
        string? typeName = null;
        foreach (JsonProperty member in element.EnumerateObject())
        {
            object? value = Read(member.Value);
            if (string.Equals(member.Name, ReceivedObject.TypeNameProperty, StringComparison.OrdinalIgnoreCase))
            {
                typeName = value as string;
                continue;
            }

            string name = NameOf(member.Name);
            properties[name] = new ReceivedProperty(name, value);
        }

        PSObject result = new();
        foreach (ReceivedProperty property in properties.Values)
        {
            result.Properties.Add(property, preValidated: true);
        }

        result.Methods.Add(s_toString);
        result.TypeNames.Insert(0, ReceivedObject.TypeName);
        if (ReceivedObject.IsTypeName(typeName))
        {
            result.TypeNames.Insert(0, ReceivedObject.TypeNamePrefix + typeName);
        }

        return result;
    }

    private object?[] ReadArray(in JsonElement element)
    {
        List<object?> items = [];
        foreach (JsonElement item in element.EnumerateArray())
        {
            items.Add(Read(item));
        }

        return [.. items];
    }

    // What no number type holds stays its digits: to make a large number of a million of them would take minutes.
    private static object ReadNumber(in JsonElement element)
    {
        if (element.TryGetInt32(out int small))
        {
            return small;
        }

        if (element.TryGetInt64(out long large))
        {
            return large;
        }

        string digits = element.GetRawText();
        bool isWhole = !digits.AsSpan().ContainsAny('.', 'e', 'E');
        return isWhole && element.TryGetDecimal(out decimal exact) ? exact
            : !isWhole && element.TryGetDouble(out double real) && double.IsFinite(real) ? real
            : digits;
    }

    private static string NameOf(string name)
    {
        string shown = SafeText.ForOneLine(name);
        return shown.Length == 0 || s_reserved.Contains(shown) ? "_" + shown : shown;
    }
}
