using PSSecureChat.Engine;

namespace PSSecureChat.Live;

/// <summary>
/// One person's live conversation with one peer. Runs on the thread that calls it, and looks at keys, messages and states in turn: nothing
/// of it is left when it returns.
/// </summary>
internal sealed class LiveConversation
{
    /// <summary>How long a key may wait before it is seen. No console can wake us for one, and ask it more often would use the processor.</summary>
    private static readonly TimeSpan KeyPatience = TimeSpan.FromMilliseconds(25);

    /// <summary>Messages shown in one go, so that a flood leaves time for keys.</summary>
    private const int Page = 100;

    private readonly ChatEngine _engine;
    private readonly string _fingerprint;
    private readonly LiveScreen _screen;
    private readonly LineEditor _editor = new();
    private readonly PasteReader _paste = new();
    private readonly ChatSender _sender;
    private readonly Dictionary<Guid, ChatMessage> _underWay = [];
    private readonly CancellationToken _stop;
    private readonly Queue<(string Text, Task<ChatException?> Storing)> _storing = new();
    private Task _marking = Task.CompletedTask;
    private ChatPeerState? _state;
    private long _cursor;

    public LiveConversation(ChatEngine engine, string fingerprint, LiveScreen screen, CancellationToken stop)
    {
        _engine = engine;
        _fingerprint = fingerprint;
        _screen = screen;
        _sender = engine.OpenSender();
        _stop = stop;
    }

    /// <summary>Completes when what was sent last is stored, and what was shown last is marked as read.</summary>
    /// <exception cref="ChatException">What was sent could not be stored.</exception>
    public async Task SettleAsync()
    {
        foreach ((_, Task<ChatException?> storing) in _storing)
        {
            if (await storing is ChatException failure)
            {
                throw failure;
            }
        }

        await _marking;
    }

    /// <summary>Talks until the person leaves.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="last">How many earlier messages are shown; unread ones always are.</param>
    /// <exception cref="ChatException">ServerStopped, or the peer was removed.</exception>
    /// <exception cref="OperationCanceledException">The pipeline was stopped.</exception>
    public void Run(LiveTerminal terminal, int last)
    {
        try
        {
            ShowHistory(last);
            bool goesOn = true;
            while (goesOn)
            {
                Task change = _engine.NextChange;
                if (_engine.Server.State != ChatServerState.Running)
                {
                    throw Internal.ChatErrors.ServerStopped(_engine.Server);
                }

                bool more = ShowNew();
                ShowFailures();
                ShowStates();
                (int width, int height) = LiveTerminal.Size;
                _screen.Resize(width, height);
                LiveTerminal.Write(_screen.Draw(_editor));
                goesOn = Await(more ? Task.CompletedTask : change) || TakeKeys(terminal.MarksPaste);
            }
        }
        finally
        {
            LiveTerminal.Write(_screen.End());
        }
    }

    private void ShowHistory(int last)
    {
        int unread = _engine.FindPeer(_fingerprint)?.Unread ?? 0;
        _cursor = _engine.LastIndex;
        int count = Math.Max(last, Math.Min(unread, LiveScreen.MaxKept));
        if (count > 0)
        {
            Show([.. _engine.ReadMessages(new MessageQuery { Peers = [_fingerprint], Last = count }, _stop).TakeWhile(message => message.Index <= _cursor)]);
        }
    }

    private bool ShowNew()
    {
        long end = _engine.LastIndex;
        if (end == _cursor)
        {
            return false;
        }

        List<ChatMessage> page = [.. _engine.ReadMessages(new MessageQuery { Peers = [_fingerprint], AfterIndex = _cursor }, _stop).TakeWhile(message => message.Index <= end).Take(Page)];
        _cursor = page.Count < Page ? end : page[^1].Index;
        Show(page);
        return page.Count == Page;
    }

    private void Show(List<ChatMessage> messages)
    {
        foreach (ChatMessage message in messages)
        {
            _screen.Add(LiveText.Of(message));
            if (message.Direction == ChatDirection.Outgoing)
            {
                _underWay[message.Id] = message;
            }
        }

        List<ChatMessage> unread = [.. messages.Where(static message => message is { Direction: ChatDirection.Incoming, State: not ChatMessageState.Read })];
        if (unread.Count > 0)
        {
            // Seen is read, also when the conversation is left in this instant.
            _marking = Task.WhenAll(_marking, _engine.MarkReadAsync(unread, CancellationToken.None));
        }
    }

    // What may still become another state is looked at; most of it from memory.
    private void ShowStates()
    {
        foreach (ChatMessage message in _underWay.Values.ToList())
        {
            if (_engine.Refresh(message) is not { } now)
            {
                _underWay.Remove(message.Id);
                _screen.Update(LiveText.Of(message) with { State = "removed" });
            }
            else if (now != message)
            {
                _underWay[message.Id] = now;
                _screen.Update(LiveText.Of(now));
            }

            if (_underWay.TryGetValue(message.Id, out ChatMessage? shown) && shown.State is ChatMessageState.Read or ChatMessageState.Failed)
            {
                _underWay.Remove(message.Id);
            }
        }

        // Those that left the screen long ago need no look any more.
        while (_underWay.Count > LiveScreen.MaxKept)
        {
            _underWay.Remove(_underWay.Values.MinBy(static message => message.Index)!.Id);
        }

        ChatPeer peer = _engine.FindPeer(_fingerprint) ?? throw Internal.ChatErrors.PeerUnknown(_fingerprint, _engine.Server);
        _screen.Say(LiveStatus.Of(peer), LiveStatus.IsAlarm(peer));
        if (_state != peer.State && LiveStatus.Warning(peer) is { } warning)
        {
            _screen.Add(LiveText.Notice(warning, loud: true));
        }

        _state = peer.State;
    }

    // True when something changed, false when a key waits.
    private bool Await(Task change)
    {
        while (!LiveTerminal.KeyAvailable)
        {
            if (change.Wait(KeyPatience, _stop) || _storing is { Count: > 0 } && _storing.Peek().Storing.IsCompleted)
            {
                return true;
            }

            (int width, int height) = LiveTerminal.Size;
            if (_screen.Size != (width, height))
            {
                return true;
            }
        }

        return false;
    }

    // All keys that wait, before anything is drawn. False when the person leaves.
    private bool TakeKeys(bool pasteIsMarked)
    {
        bool stays = true;
        while (stays && LiveTerminal.KeyAvailable)
        {
            _paste.Take(LiveTerminal.ReadKey(), key => stays &= Press(key, pasteIsMarked), _editor.Insert);
        }

        if (stays)
        {
            _paste.Settle(key => stays &= Press(key, pasteIsMarked));
        }

        return stays;
    }

    private bool Press(ConsoleKeyInfo key, bool pasteIsMarked)
    {
        switch (_editor.Press(key))
        {
            case EditResult.Leave:
                return false;
            case EditResult.Redraw:
                _screen.DrawAll();
                return true;
            case EditResult.Submit when !pasteIsMarked && LiveTerminal.KeyAvailable:
                // More keys than a person types in this instant: a paste, and this is the end of one of its lines.
                _editor.Insert("\n");
                return true;
            case EditResult.Submit:
                return Submit();
            default:
                return true;
        }
    }

    private bool Submit()
    {
        if (string.IsNullOrWhiteSpace(_editor.Text))
        {
            return true;
        }

        string text = _editor.Take();
        if (text.Trim() is "/exit" or "/quit")
        {
            return false;
        }

        // Not waited for: a disk that takes its time must not keep keys, and Ctrl+C is one, from being seen.
        _storing.Enqueue((text, StoreAsync(_storing.LastOrDefault().Storing, text)));
        return true;
    }

    // One after the other. Once a text is stored it is among the new messages.
    private async Task<ChatException?> StoreAsync(Task<ChatException?>? before, string text)
    {
        try
        {
            await (before ?? Task.FromResult<ChatException?>(null));
            string fingerprint = _engine.FindPeer(_fingerprint)?.Fingerprint ?? _fingerprint; // another key may have been approved meanwhile
            await _sender.QueueAsync(fingerprint, text, null, CancellationToken.None);
            await _sender.FlushAsync(CancellationToken.None);
            return null;
        }
        catch (ChatException failure)
        {
            return failure;
        }
    }

    // A text that could not be stored is told, and is there to be sent again.
    private void ShowFailures()
    {
        while (_storing.TryPeek(out (string Text, Task<ChatException?> Storing) first) && first.Storing.IsCompleted)
        {
            _storing.Dequeue();
            if (first.Storing.Result is ChatException failure)
            {
                _screen.Add(LiveText.Notice($"{failure.Message} {failure.Recommendation}", loud: true));
                if (_editor.Text.Length == 0)
                {
                    _editor.Insert(first.Text);
                }
            }
        }
    }
}
