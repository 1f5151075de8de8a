using System.Text;

namespace PSSecureChat.Engine;

/// <summary>
/// What may be a name: 1 to 64 bytes of UTF-8 in Unicode normalization form C; letters, marks, digits and
/// <c>. _ - + @</c>, the first a letter or digit, single spaces between, nothing that is drawn as nothing. So a name needs no escaping as a
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
            if (IsInvisible(rune.Value))
            {
                return false;
            }

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

    // Default_Ignorable_Code_Point of the Unicode Character Database: drawn as nothing, so that two names look the same.
    private static bool IsInvisible(int value) => value is 0xAD or 0x34F or 0x61C or 0x3164 or 0xFEFF or 0xFFA0
        or (>= 0x115F and <= 0x1160) or (>= 0x17B4 and <= 0x17B5) or (>= 0x180B and <= 0x180F) or (>= 0x200B and <= 0x200F)
        or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xFFF0 and <= 0xFFF8)
        or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE0FFF);

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
