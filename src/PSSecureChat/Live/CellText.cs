using System.Globalization;
using System.Text;

namespace PSSecureChat.Live;

/// <summary>How many cells a grapheme is taken to fill.</summary>
internal delegate int CellMeasure(ReadOnlySpan<char> element);

/// <summary>
/// How wide a text is in a terminal. A character is what a person takes for one (a grapheme), and fills no, one or two cells. Terminals
/// do not agree about every emoji; drawing therefore never relies on where the cursor is after one.
/// </summary>
internal static class CellText
{
    // First and last code points of what fills two cells: East Asian Width W and F of Unicode, emoji among them.
    private static readonly int[] s_wide =
    [
        0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC, 0x23F0, 0x23F0, 0x23F3, 0x23F3, 0x25FD, 0x25FE, 0x2614, 0x2615,
        0x2648, 0x2653, 0x267F, 0x267F, 0x2693, 0x2693, 0x26A1, 0x26A1, 0x26AA, 0x26AB, 0x26BD, 0x26BE, 0x26C4, 0x26C5, 0x26CE, 0x26CE,
        0x26D4, 0x26D4, 0x26EA, 0x26EA, 0x26F2, 0x26F3, 0x26F5, 0x26F5, 0x26FA, 0x26FA, 0x26FD, 0x26FD, 0x2705, 0x2705, 0x270A, 0x270B,
        0x2728, 0x2728, 0x274C, 0x274C, 0x274E, 0x274E, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797, 0x27B0, 0x27B0, 0x27BF, 0x27BF,
        0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2B55, 0x2B55, 0x2E80, 0x303E, 0x3041, 0x33FF, 0x3400, 0x4DBF, 0x4E00, 0xA4CF, 0xA960, 0xA97F,
        0xAC00, 0xD7A3, 0xF900, 0xFAFF, 0xFE10, 0xFE19, 0xFE30, 0xFE6F, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0, 0x18CFF, 0x1AFF0, 0x1B2FF,
        0x1F004, 0x1F004, 0x1F0CF, 0x1F0CF, 0x1F18E, 0x1F18E, 0x1F191, 0x1F19A, 0x1F1E6, 0x1F320, 0x1F32D, 0x1F335, 0x1F337, 0x1F37C,
        0x1F37E, 0x1F393, 0x1F3A0, 0x1F3CA, 0x1F3CF, 0x1F3D3, 0x1F3E0, 0x1F3F0, 0x1F3F4, 0x1F3F4, 0x1F3F8, 0x1F43E, 0x1F440, 0x1F440,
        0x1F442, 0x1F4FC, 0x1F4FF, 0x1F53D, 0x1F54B, 0x1F54E, 0x1F550, 0x1F567, 0x1F57A, 0x1F57A, 0x1F595, 0x1F596, 0x1F5A4, 0x1F5A4,
        0x1F5FB, 0x1F64F, 0x1F680, 0x1F6C5, 0x1F6CC, 0x1F6CC, 0x1F6D0, 0x1F6D2, 0x1F6D5, 0x1F6DF, 0x1F6EB, 0x1F6EC, 0x1F6F4, 0x1F6FC,
        0x1F7E0, 0x1F7F0, 0x1F90C, 0x1F93A, 0x1F93C, 0x1F945, 0x1F947, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000, 0x3FFFD,
    ];

    /// <summary>The cells a text fills.</summary>
    public static int Width(string text, CellMeasure? measure = null)
    {
        measure ??= ElementWidth;
        int width = 0;
        for (int i = 0; i < text.Length;)
        {
            int length = StringInfo.GetNextTextElementLength(text, i);
            width += measure(text.AsSpan(i, length));
            i += length;
        }

        return width;
    }

    /// <summary>The cells one grapheme fills.</summary>
    public static int ElementWidth(ReadOnlySpan<char> element)
    {
        Rune.DecodeFromUtf16(element, out Rune first, out _);
        if (IsWide(first.Value) || element.Contains('\uFE0F')) // the mark that asks for the picture of a character
        {
            return 2;
        }

        return Rune.GetUnicodeCategory(first) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.Control ? 0 : 1;
    }

    /// <summary>As much of a text as fits into a number of cells, with an ellipsis where it was cut.</summary>
    public static string Cut(string text, int cells, CellMeasure? measure = null)
    {
        measure ??= ElementWidth;
        if (Width(text, measure) <= cells)
        {
            return text;
        }

        int width = 0;
        int end = 0;
        while (end < text.Length)
        {
            int length = StringInfo.GetNextTextElementLength(text, end);
            int next = measure(text.AsSpan(end, length));
            if (width + next > cells - 1)
            {
                break;
            }

            width += next;
            end += length;
        }

        return cells < 1 ? string.Empty : text[..end] + "\u2026";
    }

    private static bool IsWide(int codePoint)
    {
        if (codePoint < s_wide[0])
        {
            return false;
        }

        int place = Array.BinarySearch(s_wide, codePoint);
        return place >= 0 || (~place & 1) == 1; // behind a first and before its last
    }
}
