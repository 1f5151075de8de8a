using System.Globalization;

namespace PSSecureChat.Live;

/// <summary>What a key did.</summary>
internal enum EditResult
{
    /// <summary>Nothing, or a change of the line.</summary>
    Edited,

    /// <summary>The line is to be sent.</summary>
    Submit,

    /// <summary>The person leaves.</summary>
    Leave,

    /// <summary>The whole screen is to be drawn again.</summary>
    Redraw,
}

/// <summary>The text being typed: keys in, text and cursor out. Moves by what a person takes for a character.</summary>
internal sealed class LineEditor
{
    /// <summary>More characters than this no message can hold.</summary>
    public const int MaxLength = 1024 * 1024;

    /// <summary>How many sent texts the arrows bring back.</summary>
    public const int MaxRecalled = 100;

    private readonly List<string> _sent = [];
    private int _recalled;
    private string _draft = string.Empty;

    /// <summary>The text.</summary>
    public string Text { get; private set; } = string.Empty;

    /// <summary>The index in the text before which the cursor stands.</summary>
    public int Cursor { get; private set; }

    /// <summary>Takes the text and begins anew.</summary>
    public string Take()
    {
        string taken = Text;
        if (_sent.Count == 0 || _sent[^1] != taken)
        {
            _sent.Add(taken);
        }

        if (_sent.Count > MaxRecalled)
        {
            _sent.RemoveAt(0);
        }

        _recalled = _sent.Count;
        Set(string.Empty);
        return taken;
    }

    /// <summary>Puts a text at the cursor: typed characters, or what was pasted. What does not fit is left out.</summary>
    public void Insert(string text)
    {
        text = text.ReplaceLineEndings("\n");
        int room = MaxLength - Text.Length;
        text = text.Length <= room ? text : text[..room];
        Text = Text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    /// <summary>Does what a key asks for.</summary>
    public EditResult Press(ConsoleKeyInfo key)
    {
        bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        bool alt = key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        switch (key.Key)
        {
            case ConsoleKey.C when control && !alt:
                return EditResult.Leave;
            case ConsoleKey.D when control && !alt && Text.Length == 0:
                return EditResult.Leave;
            case ConsoleKey.L when control && !alt:
                return EditResult.Redraw;
            case ConsoleKey.Enter when alt:
                Insert("\n");
                break;
            case ConsoleKey.Enter:
                return EditResult.Submit;
            case ConsoleKey.Backspace when control || alt:
            case ConsoleKey.W when control:
                Remove(WordBefore(), Cursor);
                break;
            case ConsoleKey.Backspace:
            case ConsoleKey.H when control:
                Remove(Before(), Cursor);
                break;
            case ConsoleKey.Delete:
            case ConsoleKey.D when control:
                Remove(Cursor, After());
                break;
            case ConsoleKey.U when control:
                Remove(0, Cursor);
                break;
            case ConsoleKey.K when control:
                Remove(Cursor, Text.Length);
                break;
            case ConsoleKey.LeftArrow:
                Cursor = control || alt ? WordBefore() : Before();
                break;
            case ConsoleKey.RightArrow:
                Cursor = control || alt ? WordAfter() : After();
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                Cursor = 0;
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                Cursor = Text.Length;
                break;
            case ConsoleKey.UpArrow:
                Recall(-1);
                break;
            case ConsoleKey.DownArrow:
                Recall(1);
                break;
            default:
                Type(key, control, alt);
                break;
        }

        return EditResult.Edited;
    }

    // AltGr comes as Control and Alt together, and its characters are typed ones.
    private void Type(ConsoleKeyInfo key, bool control, bool alt)
    {
        if (!char.IsControl(key.KeyChar) && control == alt)
        {
            Insert(key.KeyChar.ToString());
        }
    }

    private void Recall(int step)
    {
        int next = Math.Clamp(_recalled + step, 0, _sent.Count);
        if (next != _recalled)
        {
            _draft = _recalled == _sent.Count ? Text : _draft;
            _recalled = next;
            Set(next == _sent.Count ? _draft : _sent[next]);
        }
    }

    private void Set(string text)
    {
        Text = text;
        Cursor = text.Length;
    }

    private void Remove(int start, int end)
    {
        Text = Text.Remove(start, end - start);
        Cursor = start;
    }

    private int After() => Cursor == Text.Length ? Cursor : Cursor + StringInfo.GetNextTextElementLength(Text, Cursor);

    private int Before()
    {
        // From the begin of the line: where a grapheme begins is only known from the front.
        int line = Cursor == 0 ? 0 : Text.LastIndexOf('\n', Cursor - 1) is int found && found == Cursor - 1 ? found : found + 1;
        int place = line;
        while (place < Cursor && place + StringInfo.GetNextTextElementLength(Text, place) < Cursor)
        {
            place += StringInfo.GetNextTextElementLength(Text, place);
        }

        return place;
    }

    private int WordBefore()
    {
        int place = Cursor;
        while (place > 0 && char.IsWhiteSpace(Text[place - 1]))
        {
            place--;
        }

        while (place > 0 && !char.IsWhiteSpace(Text[place - 1]))
        {
            place--;
        }

        return place;
    }

    private int WordAfter()
    {
        int place = Cursor;
        while (place < Text.Length && char.IsWhiteSpace(Text[place]))
        {
            place++;
        }

        while (place < Text.Length && !char.IsWhiteSpace(Text[place]))
        {
            place++;
        }

        return place;
    }
}
