namespace PSSecureChat.Engine.Wire;

/// <summary>The types of frames, key 0 of every frame's map.</summary>
internal enum FrameType
{
    Hello = 1,
    Resume = 2,
    Message = 3,
    Skip = 4,
    Ack = 5,
    Ping = 6,
    Pong = 7,
    Close = 8,
    Rekey = 9,
    Read = 10,
    ReadStored = 11,
    FileOffer = 16,
    FileWanted = 17,
    FileTake = 18,
    FileCredit = 19,
    FileData = 20,
    FileEnd = 21,
    FileDone = 22,
    FileStop = 23,
}

/// <summary>Why a side says farewell.</summary>
internal enum CloseReason
{
    /// <summary>The server stops; it may come back.</summary>
    Goodbye = 0,

    /// <summary>The other connection between the same peers stays.</summary>
    Duplicate = 1,

    /// <summary>The peer is not taken: blocked, or strangers are refused.</summary>
    Refused = 2,

    /// <summary>Too many strangers wait; this one made room.</summary>
    RequestDropped = 3,

    /// <summary>This side cannot store messages now.</summary>
    StoreFailure = 5,

    /// <summary>The user disconnected: do not dial again by yourself.</summary>
    Disconnected = 6,

    /// <summary>This side keeps as many unread messages of the other side as it does; there is room again when its user has read some.</summary>
    InboxFull = 7,
}

/// <summary>Who a side is, besides its key. Travels in handshake message 3 (dialler) and in Hello (responder).</summary>
/// <param name="Name">The name, see <see cref="PeerName"/>.</param>
/// <param name="Capabilities">Numbers of optional abilities; unknown ones are ignored.</param>
/// <param name="Port">The port it listens on, 0 for none.</param>
internal readonly record struct Profile(string Name, IReadOnlyList<int> Capabilities, int Port);

/// <summary>Numbers of abilities a profile names.</summary>
internal static class Capability
{
    /// <summary>It takes Read frames. Says nothing about whether it sends any.</summary>
    public const int TakesReceipts = 1;

    /// <summary>It takes and sends the frames of files.</summary>
    public const int Files = 2;
}

/// <summary>The responder's profile, its first frame.</summary>
/// <param name="Profile">Who it is.</param>
/// <param name="Waiting">Whether the dialler waits for approval: no Resume comes before that.</param>
internal readonly record struct HelloFrame(Profile Profile, bool Waiting);

/// <summary>From where messages go on, in both directions. Messages flow to a side once its Resume has come.</summary>
/// <param name="Stream">The id of the sender's own stream of messages.</param>
/// <param name="Base">Everything of that stream up to here was acknowledged and will not come again.</param>
/// <param name="KnownStream">The stream of the other side this side last received, or empty.</param>
/// <param name="Received">Up to where this side has committed it.</param>
internal readonly record struct ResumeFrame(Guid Stream, long Base, Guid KnownStream, long Received);

/// <summary>A message.</summary>
/// <param name="Sequence">Its number in the stream: the last one's plus 1.</param>
/// <param name="Id">Its id, made once.</param>
/// <param name="SentAt">Milliseconds since 1970 by the sender's clock.</param>
/// <param name="Text">UTF-8. A slice of the receiver's buffer: valid during the call only.</param>
/// <param name="InReplyTo">The message it answers.</param>
/// <param name="ExpiresAt">When the sender stops sending it, in milliseconds since 1970 by the sender's clock; 0 for never.</param>
/// <param name="Kind">What the text is. Kinds this version does not know are kept.</param>
internal readonly record struct MessageFrame(long Sequence, Guid Id, long SentAt, ReadOnlyMemory<byte> Text, Guid? InReplyTo, long ExpiresAt = 0, ChatMessageKind Kind = ChatMessageKind.Text);

/// <summary>Everything up to this number that has not come will not come.</summary>
internal readonly record struct SkipFrame(long Sequence);

/// <summary>Everything up to this number of the other side's stream is committed.</summary>
internal readonly record struct AckFrame(long Sequence);

/// <summary>Asks for a Pong.</summary>
internal readonly record struct PingFrame(ulong Token);

/// <summary>Answers a Ping with its token.</summary>
internal readonly record struct PongFrame(ulong Token);

/// <summary>
/// A step of the handshake that renews the keys inside the session. Steps 3 and 4 are the last frame of their
/// record: the sender's next record is under its new key.
/// </summary>
/// <param name="Step">1, 2 and 3 carry the handshake's messages; 4 is the responder's switch.</param>
/// <param name="Message">The Noise message; empty in step 4. A slice of the receiver's buffer.</param>
internal readonly record struct RekeyFrame(int Step, ReadOnlyMemory<byte> Message);

/// <summary>Messages of the other side that were read here. The next one may follow once this one was answered with ReadStored.</summary>
/// <param name="Ids">Ids of 16 bytes each, 1 to <see cref="Limits.MaxReadIds"/> of them. A slice of the receiver's buffer.</param>
internal readonly record struct ReadFrame(ReadOnlyMemory<byte> Ids)
{
    /// <summary>Bytes of an id.</summary>
    public const int IdSize = 16;
}

/// <summary>What the last Read said is committed.</summary>
internal readonly record struct ReadStoredFrame;

/// <summary>A farewell; nothing follows.</summary>
internal readonly record struct CloseFrame(CloseReason Reason);

/// <summary>Takes frames as they are read. Throws <see cref="ProtocolException"/> for what must not come now.</summary>
internal interface IFrameHandler
{
    /// <summary>Whether a Close has come: what is behind it is not read.</summary>
    bool HasEnded { get; }

    /// <summary>The largest frame taken now, so that a stranger cannot make us set aside a megabyte.</summary>
    int LargestFrame { get; }

    /// <summary>Where the frames of files go. Asked once a frame; throws when none must come now.</summary>
    IFileFrameHandler Files { get; }

    void On(in HelloFrame frame);

    void On(in ResumeFrame frame);

    void On(in MessageFrame frame);

    void On(in SkipFrame frame);

    void On(in AckFrame frame);

    void On(in PingFrame frame);

    void On(in PongFrame frame);

    void On(in CloseFrame frame);

    void On(in RekeyFrame frame);

    void On(in ReadFrame frame);

    void On(in ReadStoredFrame frame);
}
