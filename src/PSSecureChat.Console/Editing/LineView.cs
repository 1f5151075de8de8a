using System.Globalization;
using System.Text;
using PSSecureChat.Terminal.Hosting;
using Spectre.Console.Rendering;

namespace PSSecureChat.Terminal.Editing;

/// <summary>
/// Draws the line being typed on one row, scrolled sideways when it is longer. Ours, because RadLine's drawing
/// takes a character for a cell: an ideograph or a joined emoji would break the row at every key.
/// </summary>
internal static class LineView
{
    /// <summary>The control text that shows the line with the cursor where it belongs.</summary>
    /// <param name="prompt">What stands before the line.</param>
    /// <param name="line">The line.</param>
    /// <param name="cursor">The index in the line before which the cursor stands.</param>
    /// <param name="width">The width of the terminal in cells.</param>
    public static string Draw(string prompt, string line, int cursor, int width)
    {
        int room = Math.Max(width - Cells(prompt) - 1, 8); // the last column stays free: some terminals wrap on filling it
        List<(int Index, string Text, int Cells)> elements = Elements(line);
        int cursorElement = elements.TakeWhile(element => element.Index < cursor).Count();

        // From the cursor leftwards until two thirds are used (all of it, when nothing follows), then rightwards as far as there is room.
        int after = elements.Skip(cursorElement).Sum(static element => element.Cells);
        int budget = Math.Max(room * 2 / 3, room - after);
        int first = cursorElement;
        int before = 0;
        while (first > 0 && before + elements[first - 1].Cells <= budget)
        {
            before += elements[--first].Cells;
        }

        StringBuilder visible = new();
        int used = 0;
        for (int i = first; i < elements.Count && used + elements[i].Cells <= room; i++)
        {
            visible.Append(elements[i].Text);
            used += elements[i].Cells;
        }

        int column = Cells(prompt) + before + 1;
        return string.Create(CultureInfo.InvariantCulture, $"\r{prompt}{visible}\e[K\e[{column}G");
    }

    private static List<(int Index, string Text, int Cells)> Elements(string line)
    {
        List<(int, string, int)> elements = [];
        TextElementEnumerator walk = StringInfo.GetTextElementEnumerator(line);
        while (walk.MoveNext())
        {
            string text = PlainText.Of(walk.GetTextElement()).Replace('\n', '\u23CE').Replace('\t', ' ');
            elements.Add((walk.ElementIndex, text, Cells(text)));
        }

        return elements;
    }

    private static int Cells(string text) => new Segment(text).CellCount();
}
