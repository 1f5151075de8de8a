using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Security;
using System.Xml;

namespace PSSecureChat.Objects;

/// <summary>Values that are one thing and not many: numbers, dates, ids, and what can only be shown. They go as their text.</summary>
internal static class SimpleValue
{
    /// <summary>Whether a value is one.</summary>
    public static bool Is(object value) => value
        is string or IFormattable or bool or char or Uri or Version or CultureInfo or XmlNode
        or ScriptBlock or Delegate or MemberInfo or Assembly or SecureString or System.Net.ICredentials;

    /// <summary>Whether it is a number that JSON can hold.</summary>
    public static bool IsNumber(object value) => value
        is sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal && value is not Enum;

    /// <summary>The text of any value, in no language: dates in ISO 8601.</summary>
    public static string Text(object value) => value switch
    {
        string text => text,
        DateTime or DateTimeOffset or DateOnly or TimeOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        Enum => value.ToString()!,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        XmlNode node => node.OuterXml,
        _ => value.ToString() ?? string.Empty,
    };
}
