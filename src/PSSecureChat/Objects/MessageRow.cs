using System.Management.Automation;

namespace PSSecureChat.Objects;

/// <summary>An object as a row of messages to send, as of a CSV file: who gets what. Names of columns mean the same in any case.</summary>
internal static class MessageRow
{
    private static readonly string[] s_texts = ["Message", "Text"];
    private static readonly HashSet<string> s_columns = new(["To", "Name", .. s_texts, "InReplyTo", "ExpiresIn"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an object holds nothing that would be lost if only the columns of a row were taken from it.</summary>
    public static bool IsNothingElse(PSObject candidate) => candidate.Properties.All(static property => s_columns.Contains(property.Name));

    /// <summary>Whether an object is a row and nothing else, with a recipient or a place for a text, and nothing stands there.</summary>
    public static bool LacksText(PSObject candidate) => IsNothingElse(candidate)
        && s_texts.Append("To").Any(name => candidate.Properties[name] is not null)
        && s_texts.All(name => Value(candidate, name) is null);

    /// <summary>The text of a row; null when it has none.</summary>
    public static string? Text(PSObject row)
    {
        object? value = s_texts.Select(name => Value(row, name)).FirstOrDefault(static value => value is not null);
        return (value is PSObject wrapper ? wrapper.BaseObject : value) is { } plain && SimpleValue.Is(plain) ? LanguagePrimitives.ConvertTo<string>(plain) : null;
    }

    /// <summary>What stands in a column; null when it is not there, holds nothing, or cannot be read now.</summary>
    public static object? Value(PSObject row, string column)
    {
        try
        {
            return row.Properties[column] is { IsGettable: true } property && property.Value is { } value and not DBNull ? value : null;
        }
        catch (GetValueException)
        {
            return null;
        }
    }
}
