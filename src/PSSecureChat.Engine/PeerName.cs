using System.Text;

namespace PSSecureChat.Engine;

/// <summary>
/// What may be a name: 1 to 64 bytes of UTF-8 in Unicode normalization form C; letters, marks, digits and
/// <c>. _ - + @</c>, the first a letter or digit, single spaces between. So a name needs no escaping as a
/// wildcard, reads the same in every terminal, and leaves '~' for telling apart two peers of one name.
/// </summary>
public static class PeerName
{
    /// <summary>The longest name, in bytes of UTF-8.</summary>
    public const int MaxBytes = 64;

    /// <summary>Whether the name can be used as it is.</summary>
    public static bool IsUsable(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > MaxBytes || !IsWellFormed(name) || Encoding.UTF8.GetByteCount(name) > MaxBytes
            || !IsNormalized(name) || name[^1] is ' ' or '.')
        {
            return false;
        }

        bool first = true;
        bool afterSpace = false;
        foreach (Rune rune in name.EnumerateRunes())
        {
            bool alphanumeric = Rune.IsLetterOrDigit(rune);
            bool allowed = first || afterSpace
                ? alphanumeric
                : alphanumeric || rune.Value is '.' or '_' or '-' or '+' or '@' or ' ' || IsMark(rune);
            if (!allowed)
            {
                return false;
            }

            first = false;
            afterSpace = rune.Value == ' ';
        }

        return true;
    }

    private static bool IsNormalized(string name)
    {
        try
        {
            return name.IsNormalized(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return false; // noncharacters such as U+FFFE
        }
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is System.Globalization.UnicodeCategory.NonSpacingMark
        or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private static bool IsWellFormed(string name)
    {
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (rune.Value == 0xFFFD)
            {
                return false;
            }
        }

        return true;
    }
}
