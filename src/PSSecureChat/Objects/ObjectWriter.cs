using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Objects;

/// <summary>
/// Makes the JSON of an object. What comes out is data: property values as they are now, no code and no live type. Plain data
/// (dictionaries, arrays, custom objects) is carried whole; of other objects so many levels are opened, and what lies
/// deeper is its text. For the pipeline's thread: properties may be scripts.
/// </summary>
/// <param name="open">How many levels of objects that are not plain data are opened.</param>
/// <param name="stop">Ends it.</param>
internal sealed class ObjectWriter(int open, CancellationToken stop)
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is not HTML; controls are escaped all the same
        MaxDepth = ObjectLimits.Depth,
        SkipValidation = true,
    };

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private int _values;

    /// <exception cref="ChatException">ObjectTooLarge, TextTooLarge, TextNotUsable.</exception>
    public static string Write(object? value, int open, CancellationToken stop)
    {
        ObjectWriter objects = new(open, stop);
        using (Utf8JsonWriter json = new(objects._buffer, s_options))
        {
            objects.Write(json, value, 0, 0);
        }

        return Encoding.UTF8.GetString(objects._buffer.WrittenSpan);
    }

    /// <summary>The value of a property; one that cannot be read now is nothing, as everywhere in PowerShell.</summary>
    internal static object? ValueOf(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException)
        {
            return null;
        }
    }

    private void Write(Utf8JsonWriter json, object? value, int nesting, int opened)
    {
        stop.ThrowIfCancellationRequested();
        Bound(json);
        PSObject? wrapper = value as PSObject;
        object? plain = wrapper is null ? value : wrapper.BaseObject;
        switch (plain)
        {
            case null or DBNull:
                json.WriteNullValue();
                break;
            case string or char:
                Write(json, plain.ToString()!);
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case byte[] bytes:
                Write(json, Convert.ToBase64String(bytes));
                break;
            case not null when SimpleValue.IsNumber(plain):
                WriteNumber(json, plain);
                break;
            case not null when SimpleValue.Is(plain):
                Write(json, SimpleValue.Text(plain));
                break;
            case IDictionary dictionary:
                WriteDictionary(json, dictionary, Deeper(nesting), opened);
                break;
            case IEnumerable items:
                WriteArray(json, items, Deeper(nesting), opened);
                break;
            case PSCustomObject:
                WriteProperties(json, wrapper!, Deeper(nesting), opened);
                break;
            case not null when opened < open && nesting < ObjectLimits.Depth:
                WriteProperties(json, wrapper ?? PSObject.AsPSObject(plain), nesting + 1, opened + 1);
                break;
            default:
                Write(json, SimpleValue.Text(plain!));
                break;
        }
    }

    private void WriteDictionary(Utf8JsonWriter json, IDictionary dictionary, int nesting, int opened)
    {
        json.WriteStartObject();
        foreach (DictionaryEntry entry in dictionary)
        {
            WriteName(json, SimpleValue.Text(entry.Key is PSObject key ? key.BaseObject : entry.Key));
            Write(json, entry.Value, nesting, opened);
        }

        json.WriteEndObject();
    }

    private void WriteArray(Utf8JsonWriter json, IEnumerable items, int nesting, int opened)
    {
        json.WriteStartArray();
        foreach (object? item in items)
        {
            Write(json, item, nesting, opened);
        }

        json.WriteEndArray();
    }

    private void WriteProperties(Utf8JsonWriter json, PSObject source, int nesting, int opened)
    {
        json.WriteStartObject();
        if (TypeNameOf(source) is { } typeName)
        {
            WriteName(json, ReceivedObject.TypeNameProperty);
            Write(json, typeName);
        }

        foreach (PSPropertyInfo property in source.Properties)
        {
            if (property.IsGettable && property.MemberType != PSMemberTypes.ParameterizedProperty && property.Name != ReceivedObject.TypeNameProperty)
            {
                WriteName(json, property.Name);
                Write(json, ValueOf(property), nesting, opened);
            }
        }

        json.WriteEndObject();
    }

    private static string? TypeNameOf(PSObject source)
    {
        string name = source.TypeNames.Count > 0 ? source.TypeNames[0] : string.Empty;
        if (name.StartsWith(ReceivedObject.TypeNamePrefix, StringComparison.Ordinal))
        {
            name = name[ReceivedObject.TypeNamePrefix.Length..]; // sent on
        }

        return name.Length is 0 or > ReceivedObject.LongestTypeName || name == typeof(PSCustomObject).FullName || name == ReceivedObject.TypeName ? null : name;
    }

    private static void WriteNumber(Utf8JsonWriter json, object number)
    {
        switch (number)
        {
            case double or float when !double.IsFinite(Convert.ToDouble(number, CultureInfo.InvariantCulture)):
                json.WriteStringValue(SimpleValue.Text(number)); // JSON has no infinity
                break;
            case double real:
                json.WriteNumberValue(real);
                break;
            case float real:
                json.WriteNumberValue(real);
                break;
            case ulong large:
                json.WriteNumberValue(large);
                break;
            case decimal exact:
                json.WriteNumberValue(exact);
                break;
            default:
                json.WriteNumberValue(Convert.ToInt64(number, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void WriteName(Utf8JsonWriter json, string name)
    {
        Check(name);
        json.WritePropertyName(name);
    }

    private static void Write(Utf8JsonWriter json, string text)
    {
        Check(text);
        json.WriteStringValue(text);
    }

    private static int Deeper(int nesting) => nesting < ObjectLimits.Depth ? nesting + 1 : throw ChatErrors.ObjectTooDeep();

    // Before it is copied: one text can be larger than everything that may be sent. And what is not Unicode would be changed in silence.
    private static void Check(string text)
    {
        if (text.Length > ObjectLimits.Bytes)
        {
            throw ChatErrors.ObjectTextTooLarge();
        }

        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0 && !IsUnicode(text))
        {
            throw ChatErrors.ObjectTextNotUsable();
        }
    }

    private static bool IsUnicode(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out int consumed) != OperationStatus.Done)
            {
                return false;
            }

            text = text[consumed..];
        }

        return true;
    }

    private void Bound(Utf8JsonWriter json)
    {
        if (++_values > ObjectLimits.Values)
        {
            throw ChatErrors.ObjectTooLarge();
        }

        if (json.BytesCommitted + json.BytesPending > ObjectLimits.Bytes)
        {
            throw ChatErrors.ObjectTextTooLarge();
        }
    }
}
