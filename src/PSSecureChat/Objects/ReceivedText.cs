using System.Collections;
using System.Management.Automation;
using System.Text;

namespace PSSecureChat.Objects;

/// <summary>
/// Writes what a peer sent on one line that a terminal may show, up to so many characters: a peer chooses how much there is of it.
/// </summary>
/// <param name="room">The most characters; what does not fit is an ellipsis.</param>
internal sealed class ReceivedText(int room)
{
    private readonly StringBuilder _line = new();

    /// <summary>A value: texts and numbers as they are, arrays as {1, 2}, objects as @{name=value; name=value}.</summary>
    public static string Of(object? value, int room)
    {
        ReceivedText text = new(room);
        return text.Add(value) ? text._line.ToString() : text._line.Append('\u2026').ToString();
    }

    // False when there is no more room, which also ends the way down into an object that somebody has put into itself.
    private bool Add(object? value)
    {
        object? plain = value is PSObject { BaseObject: not PSCustomObject } wrapper ? wrapper.BaseObject : value;
        return plain switch
        {
            null => true,
            string text => Append(text),
            PSObject received => AddProperties(received),
            IEnumerable items => AddItems(items),
            _ => Append(SimpleValue.Text(plain)),
        };
    }

    private bool AddItems(IEnumerable items)
    {
        string between = "{";
        foreach (object? item in items)
        {
            if (!Append(between) || !Add(item))
            {
                return false;
            }

            between = ", ";
        }

        return Append(between == "{" ? "{}" : "}");
    }

    private bool AddProperties(PSObject received)
    {
        string between = "@{";
        foreach (PSPropertyInfo property in ReceivedObject.PropertiesOf(received))
        {
            if (!Append(between) || !Append(property.Name) || !Append("=") || !Add(ObjectWriter.ValueOf(property)))
            {
                return false;
            }

            between = "; ";
        }

        return Append(between == "@{" ? "@{}" : "}");
    }

    private bool Append(string text)
    {
        int left = room - _line.Length;
        if (text.Length <= left)
        {
            _line.Append(SafeText.ForOneLine(text));
            return true;
        }

        int end = left > 0 && char.IsHighSurrogate(text[left - 1]) ? left - 1 : left;
        _line.Append(SafeText.ForOneLine(text[..end]));
        return false;
    }
}
