using PSSecureChat.Live;
using PSSecureChat.Tests;

namespace PSSecureChat.Terminal.Tests.Live;

/// <summary>What a person sees of a live conversation.</summary>
public class LiveScreenTests
{
    private readonly PaperTerminal _terminal = new(40, 10);
    private readonly LiveScreen _screen = new(40, 10, styled: true);
    private readonly LineEditor _editor = new();

    public LiveScreenTests()
    {
        _terminal.Write("PS> Enter-ChatConversation bob\r\n");
        _screen.Say("-- bob: connected", alarm: false);
    }

    [Fact]
    public void Messages_stand_above_the_line_of_state_and_the_line_being_typed()
    {
        _screen.Add(Own("hello", "queued"));
        _editor.Insert("and mo");
        Draw();
        Assert.Equal(["PS> Enter-ChatConversation bob", "21:00 ana: hello  (queued)", "-- bob: connected", "> and mo"], _terminal.Screen);
        Assert.Equal((3, 8), _terminal.Cursor);
        Assert.True(_terminal.CursorShown);
    }

    [Fact]
    public void What_comes_appears_above_what_is_being_typed()
    {
        _editor.Insert("half a sent");
        Draw();
        _screen.Add(Theirs("are you there?"));
        Draw();
        _editor.Insert("ence");
        Draw();
        Assert.Equal(["PS> Enter-ChatConversation bob", "21:00 bob: are you there?", "-- bob: connected", "> half a sentence"], _terminal.Screen);
    }

    [Fact]
    public void A_state_changes_where_it_stands()
    {
        LiveText first = Own("one", "queued");
        LiveText second = Own("two", "queued");
        _screen.Add(first);
        _screen.Add(second);
        _screen.Add(Theirs("three"));
        Draw();
        _screen.Update(first with { State = "delivered" });
        _screen.Say("-- bob: not connected", alarm: false);
        Draw();
        Assert.Equal(["PS> Enter-ChatConversation bob", "21:00 ana: one  (delivered)", "21:00 ana: two  (queued)", "21:00 bob: three", "-- bob: not connected", ">"], _terminal.Screen);
        Assert.Equal((5, 2), _terminal.Cursor);
    }

    [Fact]
    public void A_state_that_left_the_screen_is_let_alone()
    {
        LiveText first = Own("the first", "queued");
        _screen.Add(first);
        for (int i = 0; i < 20; i++)
        {
            _screen.Add(Theirs($"number {i}"));
        }

        Draw();
        string[] before = _terminal.Screen;
        int scrolled = _terminal.Scrolled.Count;
        _screen.Update(first with { State = "delivered" });
        Draw();
        Assert.Equal(before, _terminal.Screen);
        Assert.Equal(scrolled, _terminal.Scrolled.Count);
        Assert.Equal("21:00 ana: the first  (queued)", _terminal.Scrolled[1]);
        Assert.Equal(["21:00 bob: number 12", "21:00 bob: number 19", "-- bob: connected", ">"], [_terminal.Screen[0], _terminal.Screen[7], _terminal.Screen[8], _terminal.Screen[9]]);
    }

    [Fact]
    public void Long_lines_wrap_below_where_the_text_began()
    {
        _screen.Add(Theirs("a text of some more words than one row can hold"));
        _editor.Insert("0123456789012345678901234567890123456789");
        Draw();
        Assert.Equal(
            ["PS> Enter-ChatConversation bob", "21:00 bob: a text of some more words", "           than one row can hold", "-- bob: connected", "> 0123456789012345678901234567890123456", "  789"],
            _terminal.Screen);
        Assert.Equal((5, 5), _terminal.Cursor);
    }

    [Fact]
    public void Wide_characters_fill_two_cells()
    {
        _screen.Add(Theirs("日本語のテストですから長いのです、とても"));
        _editor.Insert("👩‍👩‍👧 e\u0301");
        Draw();
        Assert.Equal(["PS> Enter-ChatConversation bob", "21:00 bob: 日本語のテストですから長いの", "           です、とても", "-- bob: connected", "> 👩‍👩‍👧 e\u0301"], _terminal.Screen);
        Assert.Equal((4, 6), _terminal.Cursor);
    }

    [Fact]
    public void Of_a_long_text_being_typed_the_rows_around_the_cursor_are_shown()
    {
        _editor.Insert(string.Join('\n', Enumerable.Range(1, 30)));
        Draw();
        Assert.Equal(["PS> Enter-ChatConversation bob", "-- bob: connected", "  26", "  27", "  28", "  29", "  30"], _terminal.Screen);
        _editor.Press(Key(ConsoleKey.Home));
        Draw();
        Assert.Equal(["PS> Enter-ChatConversation bob", "-- bob: connected", "> 1", "  2", "  3", "  4", "  5"], _terminal.Screen);
        Assert.Equal((2, 2), _terminal.Cursor);
    }

    [Fact]
    public void Another_size_draws_what_fits()
    {
        for (int i = 0; i < 20; i++)
        {
            _screen.Add(Theirs($"number {i} with words to wrap"));
        }

        Draw();
        _terminal.Resize(24, 8);
        _screen.Resize(24, 8);
        Draw();
        Assert.Equal(
            ["21:00 bob: number 18", "           with words", "           to wrap", "21:00 bob: number 19", "           with words", "           to wrap", "-- bob: connected", ">"],
            _terminal.Screen);
        LiveText last = Own("last", "queued");
        _screen.Add(last);
        Draw();
        _screen.Update(last with { State = "sent" });
        Draw();
        Assert.Equal(["21:00 ana: last  (sent)", "-- bob: connected", ">"], _terminal.Screen[^3..]);
    }

    [Fact]
    public void Leaving_leaves_the_messages_and_nothing_else()
    {
        _screen.Add(Theirs("bye"));
        _editor.Insert("never sent\nat all");
        Draw();
        _terminal.Write(_screen.End());
        Assert.Equal(["PS> Enter-ChatConversation bob", "21:00 bob: bye"], _terminal.Screen);
        Assert.Equal((2, 0), _terminal.Cursor);
        Assert.True(_terminal.CursorShown);
    }

    [Fact]
    public void Leaving_before_anything_was_drawn_writes_nothing_anywhere()
    {
        _terminal.Write(_screen.End());
        Assert.Equal(["PS> Enter-ChatConversation bob"], _terminal.Screen);
        Assert.Equal((1, 0), _terminal.Cursor);
    }

    [Fact]
    public void More_messages_than_are_kept_go_on()
    {
        LiveText own = Own("mine", "queued");
        for (int i = 0; i < LiveScreen.MaxKept + 10; i++)
        {
            _screen.Add(Theirs($"number {i}"));
            Draw();
        }

        _screen.Add(own);
        Draw();
        _screen.Update(own with { State = "read" });
        Draw();
        Assert.Equal(["21:00 bob: number 509", "21:00 ana: mine  (read)", "-- bob: connected", ">"], _terminal.Screen[^4..]);
    }

    [Theory]
    [InlineData(8, 4)]
    [InlineData(9, 5)]
    [InlineData(80, 4)]
    public void The_smallest_terminals_hold(int width, int height)
    {
        PaperTerminal terminal = new(width, height);
        LiveScreen screen = new(width, height, styled: false);
        screen.Say("-- somebody: connected", alarm: true);
        for (int i = 0; i < 5; i++)
        {
            screen.Add(Own($"日本語 and a rather long word {new string('x', 30)}", "queued"));
            _editor.Insert("日本 typed 語 ");
            terminal.Write(screen.Draw(_editor));
        }

        terminal.Write(screen.End());
        Assert.True(terminal.CursorShown);
    }

    [Fact]
    public void A_text_of_a_peer_steers_nothing()
    {
        // The paper terminal fails on every control character and sequence that is not ours.
        ChatMessage message = new()
        {
            Id = Guid.NewGuid(),
            Peer = HostileText.Text,
            PeerFingerprint = "f",
            Server = "ana",
            Direction = ChatDirection.Incoming,
            Text = HostileText.Text,
            SentAt = DateTimeOffset.Now,
            StoredAt = DateTimeOffset.Now,
            State = ChatMessageState.Received,
        };
        _screen.Add(LiveText.Of(message));
        _screen.Add(LiveText.Notice(HostileText.Text, loud: true));
        _editor.Insert($"pasted {HostileText.Text}\ttab");
        _screen.Say(LiveStatus.Of(Peer(ChatPeerState.Offline)), alarm: true);
        Draw();

        string shown = string.Join('\n', _terminal.Scrolled.Concat(_terminal.Screen));
        Assert.Contains(HostileText.Mark, shown, StringComparison.Ordinal);
        Assert.Null(HostileText.Complaint(shown));
    }

    [Theory]
    [InlineData(ChatPeerState.Online)]
    [InlineData(ChatPeerState.Offline)]
    [InlineData(ChatPeerState.Waiting)]
    [InlineData(ChatPeerState.Requested)]
    [InlineData(ChatPeerState.KeyChanged)]
    [InlineData(ChatPeerState.Blocked)]
    public void Neither_does_how_a_peer_stands(ChatPeerState state)
    {
        string said = $"{LiveStatus.Of(Peer(state))}\n{LiveText.Notice(LiveStatus.Warning(Peer(state)) ?? "").Text}";
        Assert.Contains(HostileText.Mark, said, StringComparison.Ordinal);
        Assert.Null(HostileText.Complaint(said));
    }

    [Fact]
    public void A_very_long_text_is_shown_in_part()
    {
        ChatMessage message = new()
        {
            Id = Guid.NewGuid(),
            Peer = "bob",
            PeerFingerprint = "f",
            Server = "ana",
            Direction = ChatDirection.Outgoing,
            Text = new string('x', LiveText.MaxShown + 1),
            SentAt = DateTimeOffset.Now,
            StoredAt = DateTimeOffset.Now,
            State = ChatMessageState.Failed,
            Reason = "it could\u001bnot",
        };
        LiveText shown = LiveText.Of(message);
        Assert.Equal($"{new string('x', LiveText.MaxShown)}… ({LiveText.MaxShown + 1} characters; Get-ChatHistory has all)", shown.Text);
        Assert.Equal("failed: it could\u241Bnot", shown.State);
    }

    internal static ConsoleKeyInfo Key(ConsoleKey key, char character = '\0', bool control = false, bool alt = false) => new(character, key, shift: false, alt, control);

    private static LiveText Own(string text, string state) => new(Guid.NewGuid(), Own: true, "21:00 ana: ", text, state);

    private static LiveText Theirs(string text) => new(Guid.NewGuid(), Own: false, "21:00 bob: ", text);

    private static ChatPeer Peer(ChatPeerState state)
    {
        ChatPeer peer = (ChatPeer)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(ChatPeer));
        typeof(ChatPeer).GetProperty(nameof(ChatPeer.Name))!.SetValue(peer, HostileText.Text);
        typeof(ChatPeer).GetProperty(nameof(ChatPeer.Reason))!.SetValue(peer, HostileText.Text);
        typeof(ChatPeer).GetProperty(nameof(ChatPeer.State))!.SetValue(peer, state);
        return peer;
    }

    private void Draw() => _terminal.Write(_screen.Draw(_editor));
}
