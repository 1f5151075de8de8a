using System.Globalization;
using System.Text;

namespace PSSecureChat;

/// <summary>Makes a peer's text safe to show in a terminal.</summary>
public static class SafeText
{
    /// <summary>
    /// Replaces what could move the cursor, recolour, reorder or hide text: control characters become
    /// their control pictures or the replacement character, bidirectional overrides and other invisible
    /// format characters are removed. Line breaks and tabs stay. Emoji and their joiners stay.
    /// </summary>
    public static string ForTerminal(string? text) => Clean(text, keepLines: true);

    /// <summary>The beginning of it, for a table: a long text must not push everything else off the screen, and a tab must not lead beyond it.</summary>
    public static string ForTable(string? text)
    {
        const int Characters = 280; // on a terminal of 80 columns as many lines, twice that of wide characters
        const int Lines = 8;
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        int end = Math.Min(text.Length, Characters);
        for (int i = 0, lines = 0; i < end; i++)
        {
            if (text[i] == '\n' && ++lines == Lines)
            {
                end = i;
            }
        }

        string shown = end == text.Length ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "…");
        return ForTerminal(shown).Replace("\t", "    ", StringComparison.Ordinal);
    }

    /// <summary>The same on one line: line breaks become a visible mark.</summary>
    public static string ForOneLine(string? text) => Clean(text, keepLines: false);

    private static string Clean(string? text, bool keepLines)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        StringBuilder? clean = null;
        for (int i = 0; i < text.Length;)
        {
            bool valid = Rune.TryGetRuneAt(text, i, out Rune rune);
            int length = valid ? rune.Utf16SequenceLength : 1;
            string? replacement = valid ? Replacement(rune, keepLines) : "\uFFFD";
            if (replacement is not null)
            {
                clean ??= new StringBuilder(text.Length).Append(text, 0, i);
                clean.Append(replacement);
            }
            else
            {
                clean?.Append(text, i, length);
            }

            i += length;
        }

        return clean?.ToString() ?? text;
    }

    private static string? Replacement(Rune rune, bool keepLines)
    {
        int value = rune.Value;
        switch (value)
        {
            case '\n':
                return keepLines ? null : "\u23CE";
            case '\t':
                return keepLines ? null : " ";
            case '\r':
                return keepLines ? string.Empty : string.Empty;
            case 0x200C or 0x200D or 0x200E or 0x200F:
                return null; // joiners and plain direction marks: needed by scripts and emoji, unable to reorder what surrounds them
            case 0x7F:
                return "\u2421";
            case < 0x20:
                return ((char)(0x2400 + value)).ToString();
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control => "\uFFFD",
            UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => keepLines ? "\n" : "\u23CE",
            UnicodeCategory.Format when value is < 0xE0020 or > 0xE007F => string.Empty, // tag characters build flag emoji
            _ => null,
        };
    }
}
