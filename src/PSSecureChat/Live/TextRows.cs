using System.Globalization;

namespace PSSecureChat.Live;

/// <summary>Divides a text into rows of a terminal.</summary>
internal static class TextRows
{
    /// <summary>Rows of at most so many cells, broken at spaces where there are any.</summary>
    public static List<string> Wrap(string text, int cells, CellMeasure? measure = null)
    {
        List<string> rows = [];
        foreach (string line in text.Split('\n'))
        {
            WrapLine(line.Replace('\t', ' '), Math.Max(cells, 2), rows, measure ?? CellText.ElementWidth);
        }

        return rows;
    }

    private static void WrapLine(string line, int cells, List<string> rows, CellMeasure measure)
    {
        int start = 0;
        int width = 0;
        int space = -1; // behind the last space of this row
        for (int i = 0; i < line.Length;)
        {
            int length = StringInfo.GetNextTextElementLength(line, i);
            int element = measure(line.AsSpan(i, length));
            if (width + element > cells)
            {
                if (line[i] == ' ')
                {
                    // the space that does not fit is the break
                    rows.Add(line[start..i]);
                    (start, width, space) = (++i, 0, -1);
                    continue;
                }

                int end = space > start ? space : i;
                rows.Add(line[start..end].TrimEnd(' '));
                start = end;
                width = CellText.Width(line[start..i], measure);
                space = -1;
            }

            width += element;
            i += length;
            if (line[i - length] == ' ')
            {
                space = i;
            }
        }

        rows.Add(line[start..]);
    }
}
