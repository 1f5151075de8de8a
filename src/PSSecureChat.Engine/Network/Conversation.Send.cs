using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>The sending loop.</summary>
internal sealed partial class Conversation
{
    /// <summary>After so many full records of messages a waiting file may add a piece.</summary>
    private const int RecordsPerPiece = 8;

    private readonly RecordBuilder _builder;
    private readonly Queue<MessageReader.Row> _page = new();
    private OutboxTail? _tail;
    private long _nextToSend;
    private long _sentUpTo;
    private long _ackSent;
    private long _pingToken;
    private long _pingSent;
    private long _pongToken;
    private int _fullRecords;
    private bool _gatheredFile;
    private int _lookDue = 1;
    private int _resumeDue;
    private int _pingDue;
    private int _pongDue;

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        bool first = true;
        while (true)
        {
            // The first frame proves to the other side that the handshake is done: the responder's is its Hello,
            // the dialler's a Ping, since it does not know yet with whom it will go on.
            if (first && _session.WeDialled)
            {
                Interlocked.Exchange(ref _pingDue, 1);
            }
            else if (first && !Refuses)
            {
                _builder.Advance(FrameEncoder.Encode(new HelloFrame(_local.Profile, SaysWait), _builder.GetSpan(FrameEncoder.ControlFrame)));
            }

            first = false;
            WatchKeys(_builder.Records, _builder.Bytes);
            // One whom we refuse hears the refusal and nothing else, not even a Pong before it.
            while (!Refuses && GoesOn && Gather(out CipherState? sendUnder))
            {
                if (_gatheredFile)
                {
                    _gatheredFile = false;
                    KeysAreUsed();
                }

                // Before the write: an acknowledgement can be here before the write returns.
                bool messages = _flowing && _nextToSend - 1 > SentUpTo;
                if (messages)
                {
                    KeysAreUsed();
                    Volatile.Write(ref _sentUpTo, _nextToSend - 1);
                }

                await _session.Stream.WriteAsync(_builder.Seal(), cancellationToken).ConfigureAwait(false);
                if (sendUnder is not null)
                {
                    SwitchSending(sendUnder);
                }

                WatchKeys(_builder.Records, _builder.Bytes);
                if (messages)
                {
                    _changed.Pulse();
                }
            }

            if (_closing is Box<CloseReason> closing)
            {
                _builder.Advance(FrameEncoder.Encode(new CloseFrame(closing.Value), _builder.GetSpan(FrameEncoder.ControlFrame)));
                await _session.Stream.WriteAsync(_builder.Seal(), cancellationToken).ConfigureAwait(false);
                return;
            }

            _builder.Release();
            await _wake.WaitAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    // A server that stops, a user who leaves and one whose inbox is full first send what is queued; other farewells are said at once.
    private bool GoesOn => _closing is null or { Value: CloseReason.Goodbye or CloseReason.Disconnected or CloseReason.InboxFull };

    // Everything that is due goes into one write: control frames first, then as many messages as make a full record. What only
    // answers or asks for a sign of life does not look for the rest, which says itself that it is due.
    private bool Gather(out CipherState? sendUnder)
    {
        sendUnder = null;
        bool looks = Interlocked.Exchange(ref _lookDue, 0) == 1;
        if (looks && GatherRekey(out sendUnder))
        {
            Volatile.Write(ref _lookDue, 1);
            return true;
        }

        bool flowing = _flowing; // read first: once messages flow, our Resume is due or gone
        if (Interlocked.Exchange(ref _resumeDue, 0) == 1)
        {
            _builder.Advance(FrameEncoder.Encode(_ourResume!.Value, _builder.GetSpan(FrameEncoder.ControlFrame)));
        }

        if (Interlocked.Exchange(ref _pongDue, 0) == 1)
        {
            _builder.Advance(FrameEncoder.Encode(new PongFrame((ulong)Volatile.Read(ref _pongToken)), _builder.GetSpan(FrameEncoder.ControlFrame)));
        }

        if (Interlocked.Exchange(ref _pingDue, 0) == 1)
        {
            Volatile.Write(ref _pingSent, _time.GetTimestamp());
            long token = Interlocked.Increment(ref _pingToken);
            _builder.Advance(FrameEncoder.Encode(new PingFrame((ulong)token), _builder.GetSpan(FrameEncoder.ControlFrame)));
        }

        if (flowing && looks)
        {
            GatherFlow();
        }

        return _builder.Length > 0;
    }

    private void GatherFlow()
    {
        int before = _builder.Length;
        GatherAck(_record!);
        GatherReadStored();
        GatherReceipts(_record!);
        if (GoesOn)
        {
            _desk!.GatherControl(_builder);
        }

        while (GoesOn && !KeysAreUsedUp && _builder.Length < Limits.RecordTarget && GatherMessage(_record!))
        {
        }

        GatherFile();
        if (_builder.Length > before)
        {
            Volatile.Write(ref _lookDue, 1); // there may be more
        }
    }

    // Files come behind messages: a piece goes when no message waits, and one for some full records of messages, so that a
    // flood of messages does not hold up a file for ever. Nothing of a file goes once the conversation is to end.
    private void GatherFile()
    {
        bool messagesWait = _builder.Length >= Limits.RecordTarget;
        _fullRecords = messagesWait ? _fullRecords + 1 : 0;
        if (_closing is null && !KeysAreUsedUp && (!messagesWait || _fullRecords % RecordsPerPiece == 0))
        {
            _gatheredFile = _desk!.GatherData(_builder);
        }
    }

    private void GatherAck(PeerRecord record)
    {
        // What is committed is acknowledged: of the stream the peer sends now, and of this conversation, not of an
        // earlier one whose last messages were committed only now and come again.
        InboundPosition committed = record.In;
        if (committed.Stream == _theirResume!.Value.Stream && committed.Received > _ackSent && committed.Received < Volatile.Read(ref _expected))
        {
            _builder.Advance(FrameEncoder.Encode(new AckFrame(committed.Received), _builder.GetSpan(FrameEncoder.ControlFrame)));
            _ackSent = committed.Received;
        }
    }

    private bool GatherMessage(PeerRecord record)
    {
        long stored = _tail!.StoredUpTo;
        if (_nextToSend > stored)
        {
            return false;
        }

        OutboxTake take = _tail.TryTake(_nextToSend, out ChatMessage? message);
        if (take == OutboxTake.NotHere)
        {
            return GatherStored(record, stored);
        }

        if (take != OutboxTake.Taken)
        {
            return Pass(take);
        }

        Append(message!.Sequence, message.Id, message.SentAt.ToUnixTimeMilliseconds(), message.Text, message.InReplyTo, message.Expiry, message.Kind);
        return true;
    }

    private bool GatherStored(PeerRecord record, long stored)
    {
        while (_page.TryPeek(out MessageReader.Row old) && old.Sequence < _nextToSend)
        {
            _page.Dequeue(); // read ahead, and then taken from the tail after all
        }

        bool fresh = _page.Count == 0;
        if (fresh)
        {
            ReadPage(record);
        }

        if (!_page.TryPeek(out MessageReader.Row row) || row.Sequence != _nextToSend)
        {
            return PassGap(record, _page.Count > 0 ? row.Sequence - 1 : stored);
        }

        if (row.IsDamaged)
        {
            return PassDamaged(record, row);
        }

        // What the peer says it has read does not expire any more, though it never acknowledged it.
        OutboxTake take = _tail!.TryTake(row.Sequence, row.State == StoredState.Open ? row.ExpiresAt : 0);
        if (take == OutboxTake.Expired && !fresh)
        {
            _page.Clear(); // what was read ahead is old: only the store knows whether it still waits
            return GatherStored(record, stored);
        }

        if (take != OutboxTake.Taken)
        {
            return Pass(take);
        }

        _page.Dequeue();
        Append(row.Sequence, row.Message, row.SentAt, row.Text, row.InReplyTo, row.ExpiresAt, row.Kind);
        return true;
    }

    // Numbers that the store does not show.
    private bool PassGap(PeerRecord record, long upTo)
    {
        bool held = _tail!.IsHeld(_nextToSend, upTo); // read first: what is settled is retired before
        if (record.IsSettled(_nextToSend, upTo))
        {
            return Bridge(upTo);
        }

        if (!held)
        {
            Close(CloseReason.StoreFailure);
        }

        return false;
    }

    // Messages that were withdrawn or expired: the other side must not wait for their numbers.
    private bool Bridge(long upTo)
    {
        _builder.Advance(FrameEncoder.Encode(new SkipFrame(upTo), _builder.GetSpan(FrameEncoder.ControlFrame)));
        _tail!.Bridged(upTo);
        _nextToSend = upTo + 1;
        return true;
    }

    private void ReadPage(PeerRecord record)
    {
        MessageReader reader = _store.Rent();
        try
        {
            foreach (MessageReader.Row row in reader.Outgoing(record.Id, _nextToSend))
            {
                _page.Enqueue(row);
            }
        }
        finally
        {
            _store.Return(reader);
        }
    }

    private void Append(long sequence, Guid id, long sentAt, string text, Guid? inReplyTo, long expiresAt, ChatMessageKind kind)
    {
        int most = System.Text.Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most > Limits.RecordTarget)
        {
            most = System.Text.Encoding.UTF8.GetByteCount(text);
        }

        _builder.Advance(FrameEncoder.EncodeMessage(sequence, id, sentAt, text, inReplyTo, expiresAt, kind, _builder.GetSpan(most + FrameEncoder.MessageOverhead)));
        _nextToSend = sequence + 1;
    }
}
