using PSSecureChat.Live;
using static PSSecureChat.Terminal.Tests.Live.LiveScreenTests;

namespace PSSecureChat.Terminal.Tests.Live;

/// <summary>What keys do to the text being typed.</summary>
public class LineEditorTests
{
    private readonly LineEditor _editor = new();

    [Theory]
    [InlineData("Backspace", "abc de|")]
    [InlineData("LeftArrow Delete", "abc de|")]
    [InlineData("LeftArrow LeftArrow Backspace", "abc |ef")]
    [InlineData("Home Delete", "|bc def")]
    [InlineData("Home RightArrow Ctrl+K", "a|")]
    [InlineData("LeftArrow Ctrl+U", "|f")]
    [InlineData("Ctrl+W", "abc |")]
    [InlineData("Ctrl+W Ctrl+W", "|")]
    [InlineData("Ctrl+LeftArrow Ctrl+LeftArrow", "|abc def")]
    [InlineData("Home Ctrl+RightArrow", "abc| def")]
    [InlineData("Ctrl+A Ctrl+E", "abc def|")]
    [InlineData("Home LeftArrow Backspace", "|abc def")]
    [InlineData("End RightArrow Delete", "abc def|")]
    [InlineData("LeftArrow Ctrl+D", "abc de|")]
    [InlineData("Tab Escape F5 Ctrl+Z", "abc def|")]
    public void Keys_move_and_delete(string keys, string expected)
    {
        _editor.Insert("abc def");
        Press(keys);
        Assert.Equal(expected, Shown);
    }

    [Theory]
    [InlineData("x👩‍👩‍👧", "x|")]
    [InlineData("xe\u0301", "x|")]
    [InlineData("x日", "x|")]
    [InlineData("x\n👩‍👩‍👧", "x\n|")]
    [InlineData("x\n", "x|")]
    public void A_character_is_what_a_person_takes_for_one(string text, string expected)
    {
        _editor.Insert(text);
        Press("Backspace");
        Assert.Equal(expected, Shown);
        _editor.Insert(text[(expected.Length - 1)..]);
        Press("LeftArrow");
        Assert.Equal(expected.Length - 1, _editor.Cursor);
        Press("Delete");
        Assert.Equal(expected, Shown);
    }

    [Fact]
    public void Typed_characters_are_put_in_at_the_cursor()
    {
        foreach (char c in "h\ud83d\ude00i@")
        {
            Assert.Equal(EditResult.Edited, _editor.Press(Key(0, c, control: c == '@', alt: c == '@'))); // @ by AltGr
        }

        Assert.Equal("h😀i@|", Shown);
    }

    [Fact]
    public void Keys_that_end_or_send_say_so()
    {
        Assert.Equal(EditResult.Leave, _editor.Press(Key(ConsoleKey.C, '\u0003', control: true)));
        Assert.Equal(EditResult.Leave, _editor.Press(Key(ConsoleKey.D, '\u0004', control: true)));
        Assert.Equal(EditResult.Redraw, _editor.Press(Key(ConsoleKey.L, '\f', control: true)));
        Assert.Equal(EditResult.Submit, _editor.Press(Key(ConsoleKey.Enter, '\r')));
        Assert.Equal(EditResult.Edited, _editor.Press(Key(ConsoleKey.Enter, '\r', alt: true)));
        Assert.Equal("\n|", Shown);
    }

    [Fact]
    public void The_arrows_bring_back_what_was_sent_and_the_draft()
    {
        foreach (string text in new[] { "one", "two", "two" })
        {
            _editor.Insert(text);
            Assert.Equal(text, _editor.Take());
        }

        _editor.Insert("draft");
        Press("UpArrow");
        Assert.Equal("two|", Shown);
        Press("UpArrow UpArrow");
        Assert.Equal("one|", Shown);
        Press("DownArrow DownArrow DownArrow");
        Assert.Equal("draft|", Shown);
    }

    [Fact]
    public void The_oldest_of_the_sent_texts_makes_room()
    {
        for (int i = 0; i <= LineEditor.MaxRecalled; i++)
        {
            _editor.Insert($"text {i}");
            _editor.Take();
        }

        Press(string.Join(' ', Enumerable.Repeat("UpArrow", LineEditor.MaxRecalled + 5)));
        Assert.Equal("text 1|", Shown);
    }

    [Theory]
    [InlineData(LineEditor.MaxLength - 1, LineEditor.MaxLength - 1)]
    [InlineData(LineEditor.MaxLength, LineEditor.MaxLength)]
    [InlineData(LineEditor.MaxLength + 1, LineEditor.MaxLength)]
    public void More_than_a_message_holds_is_left_out(int typed, int kept)
    {
        _editor.Insert(new string('x', typed));
        Assert.Equal(kept, _editor.Text.Length);
    }

    [Fact]
    public void Pasted_line_ends_become_one_kind()
    {
        _editor.Insert("a\r\nb\rc");
        Assert.Equal("a\nb\nc|", Shown);
    }

    [Fact]
    public void A_marked_paste_is_one_text_and_what_surrounds_it_is_typed()
    {
        List<string> events = [];
        PasteReader reader = new();
        void Take(ConsoleKeyInfo key) => reader.Take(key, typed => events.Add(typed.Key == ConsoleKey.Enter ? "Enter" : $"{typed.KeyChar}"), text => events.Add($"paste:{text}"));
        void TakeAll(string characters)
        {
            foreach (char c in characters)
            {
                Take(c == '\r' ? Key(ConsoleKey.Enter, c) : c == '\u001b' ? Key(ConsoleKey.Escape, c) : Key(0, c));
            }
        }

        TakeAll("a\u001b[200~one\r\u001b[31mtwo\u001b[201~\r");
        Assert.Equal(["a", "paste:one\n\u001b[31mtwo", "Enter"], events);

        // The way .NET hands on the escape and the bracket: as one key.
        events.Clear();
        Take(Key(ConsoleKey.None, '[', alt: true));
        TakeAll("200~x");
        Take(Key(ConsoleKey.None, '[', alt: true));
        TakeAll("201~");
        Assert.Equal(["paste:x"], events);

        // A lone escape, and one that begins something else.
        events.Clear();
        Take(Key(ConsoleKey.Escape, '\u001b'));
        reader.Settle(key => events.Add($"settled {key.Key}"));
        TakeAll("\u001b[2x");
        Assert.Equal(["settled Escape", "\u001b", "[", "2", "x"], events);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("日本", 4)]
    [InlineData("👩‍👩‍👧", 2)]
    [InlineData("e\u0301", 1)]
    [InlineData("\u2764\uFE0F", 2)]
    [InlineData("🇩🇪", 2)]
    [InlineData("\uAC00\uD7A3\uD7A4", 5)]
    [InlineData("\u115F\u1160a", 3)]
    public void A_text_fills_cells(string text, int cells) => Assert.Equal(cells, CellText.Width(text));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("日本語", 4, "日…")]
    [InlineData("abc", 0, "")]
    public void A_text_is_cut_to_cells(string text, int cells, string expected) => Assert.Equal(expected, CellText.Cut(text, cells));

    [Theory]
    [InlineData("one two three", 8, "one two|three")]
    [InlineData("one two three", 7, "one two|three")]
    [InlineData("one two three", 6, "one|two|three")]
    [InlineData("abcdefghij", 4, "abcd|efgh|ij")]
    [InlineData("a\n\nb", 4, "a||b")]
    [InlineData("", 4, "")]
    [InlineData("日本語", 5, "日本|語")]
    [InlineData("ab     cd", 4, "ab|cd")]
    public void A_text_wraps_at_spaces(string text, int cells, string expected)
    {
        List<string> rows = TextRows.Wrap(text, cells);
        Assert.All(rows, row => Assert.True(CellText.Width(row) <= cells, row));
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), string.Join('|', rows).Replace(" ", "", StringComparison.Ordinal));
    }

    private string Shown => _editor.Text.Insert(_editor.Cursor, "|");

    private void Press(string keys)
    {
        foreach (string name in keys.Split(' '))
        {
            bool control = name.StartsWith("Ctrl+", StringComparison.Ordinal);
            ConsoleKey key = Enum.Parse<ConsoleKey>(control ? name[5..] : name);
            _editor.Press(Key(key, key is >= ConsoleKey.A and <= ConsoleKey.Z ? (char)(key - ConsoleKey.A + 1) : key == ConsoleKey.Tab ? '\t' : '\0', control));
        }
    }
}
