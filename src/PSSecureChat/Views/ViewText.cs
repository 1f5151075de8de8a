using System.Globalization;
using System.Management.Automation.Host;
using PSSecureChat.Live;

namespace PSSecureChat.Views;

/// <summary>Texts for the columns of tables, for the view file of the module. Not meant to be used by scripts.</summary>
public static class ViewText
{
    // Of the terminal the views are made for.
    private const int LeastWidth = 79;

    /// <summary>All of a name, on as many lines as it takes: of two that begin alike, the end tells which is which.</summary>
    public static string Name(string? name, int cells) => string.Join('\n', TextRows.Wrap(SafeText.ForOneLine(name), cells, Cells));

    /// <summary>As much of a text as fits on one line.</summary>
    public static string Beginning(string? text, int cells) => CellText.Cut(SafeText.ForOneLine(text), cells, Cells);

    /// <summary>The beginning and the end of a text on one line: what kind of file it is and which port of a machine stands at the end.</summary>
    public static string Ends(string? text, int cells)
    {
        string line = SafeText.ForOneLine(text);
        if (CellText.Width(line, Cells) <= cells)
        {
            return line;
        }

        int[] starts = StringInfo.ParseCombiningCharacters(line);
        int end = line.Length;
        for (int i = starts.Length - 1; CellText.Width(line[starts[i]..], Cells) <= cells / 3; i--)
        {
            end = starts[i];
        }

        return CellText.Cut(line, cells - CellText.Width(line[end..], Cells), Cells) + line[end..];
    }

    /// <summary>What a table shows of a message: the beginning of a text, a line of an object, which is not there to be read.</summary>
    /// <param name="host">Where it is shown.</param>
    /// <param name="kind">What the text is, by its name; nothing for a text.</param>
    /// <param name="text">The text as it was sent.</param>
    /// <param name="beside">The cells of the other columns and of the gaps between.</param>
    public static string OfMessage(PSHost? host, string? kind, string? text, int beside) => kind switch
    {
        null or "" or nameof(ChatMessageKind.Text) => SafeText.ForTable(text),
        nameof(ChatMessageKind.Object) => Beginning(text, (Width(host) is var width && width > beside ? width : LeastWidth) - beside),
        _ => $"(kind {kind}) {SafeText.ForTable(text)}",
    };

    /// <summary>A text for the last column, divided between words. PowerShell does that for six languages, and breaks words for all others.</summary>
    /// <param name="host">Where it is shown.</param>
    /// <param name="text">The text, safe for a terminal.</param>
    /// <param name="beside">The cells of the other columns and of the gaps between.</param>
    public static string Rest(PSHost? host, string? text, int beside) => Rest(Width(host), text ?? string.Empty, beside);

    internal static string Rest(int width, string text, int beside) =>
        CultureInfo.CurrentCulture.TwoLetterISOLanguageName is "en" or "fr" or "de" or "it" or "pt" or "es" || width - beside < 2
            ? text // PowerShell alone knows a width that is not the terminal's
            : string.Join('\n', TextRows.Wrap(text, width - beside, Cells));

    // PowerShell counts the parts of a character one by one. What it takes for too wide it would divide once more.
    private static int Cells(ReadOnlySpan<char> element) => Math.Max(CellText.ElementWidth(element), element.Length);

    // PowerShell leaves the last column of a console free.
    private static int Width(PSHost? host)
    {
        try
        {
            return (host?.UI?.RawUI?.BufferSize.Width ?? 0) - 1;
        }
        catch (Exception e) when (e is HostException or NotImplementedException or NotSupportedException or IOException or InvalidOperationException)
        {
            return 0;
        }
    }
}
