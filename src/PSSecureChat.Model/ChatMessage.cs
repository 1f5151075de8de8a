namespace PSSecureChat;

/// <summary>One message of a conversation, as it stood when it was read. Immutable.</summary>
public sealed class ChatMessage
{
    /// <summary>The <see cref="Sequence"/> of a message that could not be stored.</summary>
    internal const long NotStored = -1;

    // One byte each: there are many messages.
    private readonly byte _direction;
    private readonly byte _state;

    // Nobody else: out of any object with an Id PowerShell would make a message that has nothing but that.
    internal ChatMessage()
    {
    }

    /// <summary>The message's id, a version 7 UUID made once by the sender.</summary>
    public required Guid Id { get; init; }

    /// <summary>The place of the message in this store: later messages have larger numbers.</summary>
    public long Index { get; internal set; }

    /// <summary>The other side of the conversation, under the name it has here.</summary>
    public required string Peer { get; init; }

    /// <summary>The fingerprint of the peer's identity key.</summary>
    public required string PeerFingerprint { get; init; }

    /// <summary>The name of the local server.</summary>
    public required string Server { get; init; }

    /// <summary>Which way it went.</summary>
    public required ChatDirection Direction
    {
        get => (ChatDirection)_direction;
        init => _direction = (byte)value;
    }

    /// <summary>The text exactly as it was sent. It may hold control characters; the views and <see cref="ToString"/> make them visible instead of sending them to the terminal.</summary>
    public required string Text { get; init; }

    /// <summary>What the text is: a text for people, or the JSON of an object.</summary>
    public ChatMessageKind Kind { get; init; }

    /// <summary>When the sender wrote it, by the sender's clock.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>When it was stored here.</summary>
    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>How far it has come.</summary>
    public required ChatMessageState State
    {
        get => (ChatMessageState)_state;
        init => _state = (byte)value;
    }

    /// <summary>The message this one answers.</summary>
    public Guid? InReplyTo { get; init; }

    /// <summary>When it stops being sent if it was not delivered by then, or null for never. By the sender's clock; the receiver keeps what it has.</summary>
    public DateTimeOffset? ExpiresAt => Expiry == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(Expiry).ToLocalTime();

    /// <summary>Why it was not delivered, when <see cref="State"/> is Failed or Expired; in the outbox also what it waits for. Of a message whose stored text is damaged, that it does not open.</summary>
    public string? Reason { get; init; }

    /// <summary>The place in the stream to the peer, for outgoing messages; 0 before it is committed, <see cref="NotStored"/> when it could not be.</summary>
    internal long Sequence { get; set; }

    /// <summary>The same as <see cref="ExpiresAt"/> in milliseconds since 1970, 0 for never: a number, because every message has it.</summary>
    internal long Expiry { get; init; }

    /// <summary>How often stored states of messages to this peer had changed when this object was made.</summary>
    internal long StateVersion { get; init; }

    /// <summary>Who wrote it.</summary>
    public string From => Direction == ChatDirection.Incoming ? Peer : Server;

    /// <summary>Whom it was written to.</summary>
    public string To => Direction == ChatDirection.Incoming ? Server : Peer;

    /// <summary>Whether it was received and not read before this object was made.</summary>
    public bool Unread => State == ChatMessageState.Received;

    /// <summary>The same message, farther on its way.</summary>
    internal ChatMessage WithState(ChatMessageState state, string? reason = null, long? stateVersion = null) => new()
    {
        Id = Id,
        Index = Index,
        Sequence = Sequence,
        Peer = Peer,
        PeerFingerprint = PeerFingerprint,
        Server = Server,
        Direction = Direction,
        Text = Text,
        Kind = Kind,
        SentAt = SentAt,
        StoredAt = StoredAt,
        State = state,
        InReplyTo = InReplyTo,
        Expiry = Expiry,
        Reason = reason ?? Reason,
        StateVersion = stateVersion ?? StateVersion,
    };

    /// <summary>The writer and the text on one line, control characters and line breaks made visible: no text can pass itself off as a message of somebody else.</summary>
    public override string ToString() => $"{From}: {SafeText.ForOneLine(Text)}";
}
