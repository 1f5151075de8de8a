using System.Globalization;
using System.Text;

namespace PSSecureChat.Live;

/// <summary>
/// What stands on the terminal: the messages, below them a line of state and the line being typed. Messages are written like any output, so
/// that they scroll and stay; what is below is drawn anew with each change, and so is everything from the first message that changed, as far
/// as it is still on the screen. No IO: it returns the characters to write.
/// </summary>
internal sealed class LiveScreen(int width, int height, bool styled)
{
    /// <summary>Messages kept for drawing them again.</summary>
    public const int MaxKept = 500;

    private const string Prompt = "> ";
    private const string Dim = "\u001b[2m";
    private const string Loud = "\u001b[1;31m";
    private const string Plain = "\u001b[0m";

    private readonly List<LiveText> _texts = [];
    private readonly List<int> _rows = []; // of each text that was drawn
    private string _status = string.Empty;
    private bool _alarm;
    private int _changedFrom = int.MaxValue;
    private int _cursorRow = -1; // the row of the cursor below the last message; negative while nothing is drawn
    private int _lowerRows;
    private bool _all;

    /// <summary>The size it is drawn for, in cells.</summary>
    public (int Width, int Height) Size => (width, height);

    /// <summary>Adds a message below the others.</summary>
    public void Add(LiveText text)
    {
        _texts.Add(text);
        if (_texts.Count > MaxKept)
        {
            _texts.RemoveAt(0);
            if (_rows.Count > 0)
            {
                _rows.RemoveAt(0);
                _changedFrom = _changedFrom is int.MaxValue or 0 ? _changedFrom : _changedFrom - 1;
            }
        }
    }

    /// <summary>Shows an own message as it stands now.</summary>
    public void Update(LiveText text)
    {
        int place = _texts.FindLastIndex(shown => shown.Id == text.Id);
        if (place >= 0 && _texts[place] != text)
        {
            _texts[place] = text;
            _changedFrom = Math.Min(_changedFrom, place);
        }
    }

    /// <summary>What the line of state says.</summary>
    public void Say(string status, bool alarm) => (_status, _alarm) = (status, alarm);

    /// <summary>The terminal has another size now: it is not known where things stand.</summary>
    public void Resize(int newWidth, int newHeight)
    {
        if ((width, height) != (newWidth, newHeight))
        {
            (width, height) = (newWidth, newHeight);
            _all = true;
        }
    }

    /// <summary>Draws everything again at the next <see cref="Draw"/>.</summary>
    public void DrawAll() => _all = true;

    /// <summary>What to write so that the terminal shows how things stand.</summary>
    public string Draw(LineEditor editor)
    {
        StringBuilder output = new("\u001b[?25l");
        (List<string> input, int inputRow, int column) = Input(editor);
        int lower = 1 + input.Count;
        int from = _all ? Restart(output, lower) : Return(output);
        for (int i = from; i < _texts.Count; i++)
        {
            List<string> rows = Rows(_texts[i]);
            rows.ForEach(row => output.Append(row).Append("\r\n"));
            if (i < _rows.Count)
            {
                _rows[i] = rows.Count;
            }
            else
            {
                _rows.Add(rows.Count);
            }
        }

        output.Append(Style(_alarm ? Loud : Dim, CellText.Cut(_status, width - 1)));
        input.ForEach(row => output.Append("\r\n").Append(row));
        int up = input.Count - 1 - inputRow;
        output.Append(CultureInfo.InvariantCulture, $"{(up > 0 ? $"\u001b[{up}A" : "")}\u001b[{column + 1}G\u001b[?25h");
        (_lowerRows, _cursorRow, _changedFrom, _all) = (lower, 1 + inputRow, int.MaxValue, false);
        return output.ToString();
    }

    /// <summary>What to write at the end: the line of state and the line being typed go, the messages stay.</summary>
    public string End()
    {
        StringBuilder output = new();
        Up(output, Math.Max(_cursorRow, 0));
        _cursorRow = -1;
        return output.Append("\u001b[J\u001b[?25h").ToString();
    }

    // To the first row that changes. What has left the screen cannot be drawn again, and stays as it was.
    private int Return(StringBuilder output)
    {
        int from = Math.Min(_rows.Count, _changedFrom);
        int above = 0;
        int first = _rows.Count;
        while (first > from && above + _rows[first - 1] + _lowerRows <= height)
        {
            above += _rows[--first];
        }

        Up(output, Math.Max(_cursorRow, 0) + above);
        output.Append("\u001b[J");
        return first;
    }

    // A clear screen with as many of the last messages as fit.
    private int Restart(StringBuilder output, int lower)
    {
        output.Append("\u001b[H\u001b[2J");
        int room = height - lower;
        int first = _texts.Count;
        for (int rows = 0; first > 0 && rows + Rows(_texts[first - 1]).Count <= room; first--)
        {
            rows += Rows(_texts[first - 1]).Count;
        }

        first = first == _texts.Count && first > 0 ? first - 1 : first; // one that is larger than the screen: its end
        for (int i = 0; i < first; i++)
        {
            // not on this screen: it counts as out of reach
            if (i < _rows.Count)
            {
                _rows[i] = height;
            }
            else
            {
                _rows.Add(height);
            }
        }

        return first;
    }

    private static void Up(StringBuilder output, int rows)
    {
        output.Append('\r');
        if (rows > 0)
        {
            output.Append(CultureInfo.InvariantCulture, $"\u001b[{rows}A");
        }
    }

    private List<string> Rows(LiveText text)
    {
        // The last column stays free: a terminal that has filled it may or may not have begun the next row.
        int indent = Math.Min(CellText.Width(text.Head), Math.Max(0, width / 2));
        string head = CellText.Cut(text.Head, Math.Max(indent, 1));
        string state = text.State.Length > 0 ? $"  ({text.State})" : string.Empty;
        List<string> rows = TextRows.Wrap(text.Text, width - 1 - indent);
        if (state.Length > 0 && CellText.Width(rows[^1]) + CellText.Width(state) > width - 1 - indent)
        {
            rows.Add(string.Empty);
            state = CellText.Cut(state.TrimStart(), width - 1 - indent);
        }

        string blank = new(' ', indent);
        for (int i = 0; i < rows.Count; i++)
        {
            string row = text.Loud ? Style(Loud, rows[i]) : rows[i];
            rows[i] = (i == 0 ? Style(text.Loud ? Loud : Dim, head) : blank) + row;
        }

        rows[^1] += Style(Dim, state);
        return rows;
    }

    // The line being typed in rows, those around the cursor when there are too many; and where the cursor stands.
    private (List<string> Rows, int Row, int Column) Input(LineEditor editor)
    {
        int room = Math.Max(width - 1 - Prompt.Length, 2);
        List<StringBuilder> rows = [new()];
        int used = 0;
        (int row, int column) = (0, 0);
        string text = editor.Text;
        for (int i = 0; i < text.Length;)
        {
            int length = StringInfo.GetNextTextElementLength(text, i);
            bool lineBreak = text[i] == '\n';
            string shown = lineBreak ? string.Empty : SafeText.ForOneLine(text.Substring(i, length));
            int cells = CellText.Width(shown);
            if (used + cells > room)
            {
                rows.Add(new());
                used = 0;
            }

            if (i == editor.Cursor)
            {
                (row, column) = (rows.Count - 1, used);
            }

            rows[^1].Append(shown);
            used += cells;
            if (lineBreak)
            {
                rows.Add(new());
                used = 0;
            }

            i += length;
        }

        if (editor.Cursor >= text.Length)
        {
            (row, column) = (rows.Count - 1, used);
        }

        int most = Math.Max(1, Math.Min(height / 2, height - 3));
        int first = Math.Clamp(row - most + 1, 0, Math.Max(0, rows.Count - most));
        List<string> visible = [.. rows.Skip(first).Take(most).Select((line, i) => (first + i == 0 ? Prompt : "  ") + line)];
        return (visible, row - first, Prompt.Length + column);
    }

    private string Style(string style, string text) => styled && text.Length > 0 ? style + text + Plain : text;
}
