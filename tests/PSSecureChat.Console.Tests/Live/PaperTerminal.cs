using System.Globalization;
using System.Text;
using PSSecureChat.Live;

namespace PSSecureChat.Terminal.Tests.Live;

/// <summary>A terminal on paper: understands the control sequences that are used here, and fails on any other.</summary>
internal sealed class PaperTerminal(int width, int height)
{
    private readonly List<string?[]> _rows = [.. Enumerable.Range(0, height).Select(_ => new string?[width])];
    private int _width = width;
    private int _height = height;

    /// <summary>Where the cursor is, from 0.</summary>
    public (int Row, int Column) Cursor { get; private set; }

    public bool CursorShown { get; private set; } = true;

    public bool PasteMarked { get; private set; }

    /// <summary>The rows that left at the top.</summary>
    public List<string> Scrolled { get; } = [];

    /// <summary>The rows down to the last that is not empty.</summary>
    public string[] Screen
    {
        get
        {
            List<string> rows = [.. _rows.Select(Text)];
            while (rows.Count > 0 && rows[^1].Length == 0)
            {
                rows.RemoveAt(rows.Count - 1);
            }

            return [.. rows];
        }
    }

    /// <summary>Another size; what was on the screen is in no defined place afterwards.</summary>
    public void Resize(int newWidth, int newHeight)
    {
        (_width, _height) = (newWidth, newHeight);
        _rows.Clear();
        _rows.AddRange(Enumerable.Range(0, newHeight).Select(_ => new string?[newWidth]));
        for (int i = 0; i < newHeight; i++)
        {
            _rows[i][0] = "?";
        }

        Cursor = (newHeight / 2, 0);
    }

    public void Write(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            if (text[i] == '\u001b')
            {
                i = Control(text, i + 1);
                continue;
            }

            int length = text[i] == '\r' ? 1 : StringInfo.GetNextTextElementLength(text, i);
            Put(text.Substring(i, length));
            i += length;
        }
    }

    private static string Text(string?[] row)
    {
        StringBuilder text = new();
        foreach (string? cell in row)
        {
            text.Append(cell ?? " ");
        }

        return text.ToString().TrimEnd();
    }

    private void Put(string element)
    {
        (int row, int column) = Cursor;
        switch (element)
        {
            case "\r":
                Cursor = (row, 0);
                return;
            case "\n":
                if (row == _height - 1)
                {
                    Scrolled.Add(Text(_rows[0]));
                    _rows.RemoveAt(0);
                    _rows.Add(new string?[_width]);
                }
                else
                {
                    row++;
                }

                Cursor = (row, column);
                return;
        }

        Assert.False(element.Length == 1 && char.IsControl(element[0]), $"U+{(int)element[0]:X4} reaches the terminal.");
        int cells = CellText.Width(element);
        Assert.True(column + cells < _width + 1, $"'{element}' is beyond the last column: the terminal would wrap.");
        _rows[row][column] = element;
        if (cells == 2)
        {
            _rows[row][column + 1] = string.Empty;
        }

        Cursor = (row, column + cells);
    }

    private int Control(string text, int start)
    {
        Assert.Equal('[', text[start]);
        int end = start + 1;
        while (!char.IsLetter(text[end]))
        {
            end++;
        }

        string arguments = text[(start + 1)..end];
        int number = int.TryParse(arguments, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : 0;
        (int row, int column) = Cursor;
        switch (text[end])
        {
            case 'A':
                Assert.True(number <= row, "The cursor leaves the screen at the top.");
                Cursor = (row - number, column);
                break;
            case 'G':
                Cursor = (row, number - 1);
                break;
            case 'H':
                Cursor = (0, 0);
                break;
            case 'J' when number == 2:
                Clear(0, 0);
                break;
            case 'J':
                Clear(row, column);
                break;
            case 'm':
                break;
            case 'h' or 'l' when arguments == "?25":
                CursorShown = text[end] == 'h';
                break;
            case 'h' or 'l' when arguments == "?2004":
                PasteMarked = text[end] == 'h';
                break;
            default:
                // What a shell around the conversation writes is of no interest, what it would do to the screen is.
                Assert.Fail($"ESC {text[start..(end + 1)]} is not known.");
                break;
        }

        return end + 1;
    }

    private void Clear(int row, int column)
    {
        Array.Clear(_rows[row], column, _width - column);
        for (int i = row + 1; i < _height; i++)
        {
            Array.Clear(_rows[i]);
        }
    }
}
