using System.Management.Automation.Internal;
using System.Text;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>Text without anything that steers a terminal.</summary>
internal static class PlainText
{
    /// <summary>
    /// Colour codes, which the formatter makes too, go without a trace. Control characters become their pictures, the C1 ones the replacement character; line breaks and tabs stay.
    /// The views of the module do more (bidirectional overrides, invisible characters); this is the last gate, also
    /// for a text that a script took out of a message and wrote itself.
    /// </summary>
    public static string Of(string text)
    {
        if (text.Contains('\r', StringComparison.Ordinal))
        {
            text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        }

        if (text.Contains('\e', StringComparison.Ordinal))
        {
            text = new StringDecorated(text).ToString(System.Management.Automation.OutputRendering.PlainText);
        }

        int first = text.AsSpan().IndexOfAnyInRange('\0', '\x1F');
        if (first < 0 && text.AsSpan().IndexOfAnyInRange('\x7F', '\x9F') < 0)
        {
            return text;
        }

        StringBuilder plain = new(text.Length);
        foreach (char c in text)
        {
            plain.Append(c switch
            {
                '\n' or '\t' => c,
                < ' ' => (char)(0x2400 + c),
                '\x7F' => '\u2421',
                > '\x7F' and <= '\x9F' => '\uFFFD',
                _ => c,
            });
        }

        return plain.ToString();
    }
}
