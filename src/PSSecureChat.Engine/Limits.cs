namespace PSSecureChat.Engine;

/// <summary>
/// Every limit of the program, in one place. The constants are part of the protocol; the properties are
/// policy and are handed to the engine, so that tests and benchmarks can turn them.
/// </summary>
internal sealed record Limits
{
    /// <summary>Bytes of a record's length field.</summary>
    public const int RecordHeader = 2;

    /// <summary>The plaintext of a record is a multiple of this many bytes, so that lengths say little.</summary>
    public const int PaddingBlock = 256;

    /// <summary>Bytes of an AES-GCM tag.</summary>
    public const int Tag = 16;

    /// <summary>The largest Noise message.</summary>
    public const int MaxNoiseMessage = ushort.MaxValue;

    /// <summary>The largest plaintext of a record: the largest multiple of the padding block that fits.</summary>
    public const int MaxRecordPlaintext = (MaxNoiseMessage - Tag) / PaddingBlock * PaddingBlock;

    /// <summary>The largest record on the wire, length field included.</summary>
    public const int MaxRecord = RecordHeader + MaxRecordPlaintext + Tag;

    /// <summary>The largest text of a message, in bytes of UTF-8.</summary>
    public const int MaxTextBytes = 1024 * 1024;

    /// <summary>The largest frame: the largest text and what surrounds it.</summary>
    public const int MaxFrame = MaxTextBytes + 1024;

    /// <summary>The largest frame before messages flow.</summary>
    public const int MaxEarlyFrame = 4096;

    /// <summary>The largest number of a message; far beyond use, and far from where arithmetic overflows.</summary>
    public const long MaxSequence = long.MaxValue / 2;

    /// <summary>How deep unknown values of a frame may nest.</summary>
    public const int MaxFrameDepth = 8;

    /// <summary>The largest number that may say what a message's text is.</summary>
    public const int MaxMessageKind = byte.MaxValue;

    /// <summary>How deep the JSON of an object may nest.</summary>
    public const int MaxObjectDepth = 16;

    /// <summary>How many values the JSON of an object may hold: each costs a hundred times its bytes once it is an object again.</summary>
    public const int MaxObjectValues = 65_536;

    /// <summary>How many capabilities a profile may name.</summary>
    public const int MaxCapabilities = 32;

    /// <summary>The largest payload of handshake message 3.</summary>
    public const int MaxHandshakePayload = 4096;

    /// <summary>The largest CBOR of an invitation, in bytes.</summary>
    public const int MaxInvitation = 1024;

    /// <summary>How many hosts an invitation may name.</summary>
    public const int MaxInvitationHosts = 8;

    /// <summary>How long an invitation may live.</summary>
    public static readonly TimeSpan MaxInvitationLife = TimeSpan.FromDays(30);

    /// <summary>How much plaintext the sender gathers into one record while frames are waiting together.</summary>
    public const int RecordTarget = 64 * PaddingBlock;

    /// <summary>How many messages one Read frame may name.</summary>
    public const int MaxReadIds = 256;

    /// <summary>How many lines of what happened with a peer are kept, for Verbose.</summary>
    public const int MaxStoryLines = 16;

    /// <summary>How many named consumers one store may have: a name made up anew at each start must not fill it.</summary>
    public const int MaxConsumers = 256;

    /// <summary>Of how many questions it is remembered which answer was given out last.</summary>
    public const int MaxQuestions = 4096;

    /// <summary>How many stored states may wait until an event tells of them.</summary>
    public const int MaxStatesWaiting = 65_536;

    /// <summary>The largest name of a file, in bytes of UTF-8.</summary>
    public const int MaxFileNameBytes = 255;

    /// <summary>The bytes of a file that one frame carries; with what surrounds them they fill a record.</summary>
    public const int MaxFileChunk = MaxRecordPlaintext - PaddingBlock;

    /// <summary>How many files a side may have offered that are neither done nor stopped.</summary>
    public const int OpenOffers = 256;

    /// <summary>The memory a frame that is not yet whole may take in each conversation without asking; a power of two.</summary>
    public const int PartialFrameFree = 16 * 1024;

    /// <summary>The default limits.</summary>
    public static Limits Default { get; } = new();

    /// <summary>Time for a whole handshake, from accept to the first transport frame.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for a TCP connection to be made.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Handshakes under way at once; the oldest makes room.</summary>
    public int HalfOpen { get; init; } = 64;

    /// <summary>New connections a second from one address.</summary>
    public int AcceptPerAddress { get; init; } = 20;

    /// <summary>New connections one address may make at once before the rate holds.</summary>
    public int AcceptPerAddressBurst { get; init; } = 20;

    /// <summary>New connections a second from everyone.</summary>
    public int AcceptInAll { get; init; } = 100;

    /// <summary>Strangers waiting for approval; the oldest makes room.</summary>
    public int Requests { get; init; } = 32;

    /// <summary>Invitations open at once: whoever dials with one costs a trial of each.</summary>
    public int Invitations { get; init; } = 32;

    /// <summary>Messages that may wait for one peer; more are refused to whoever sends here.</summary>
    public long OutboxMessages { get; init; } = 1_000_000;

    /// <summary>The same in bytes of text.</summary>
    public long OutboxBytes { get; init; } = 1L << 30;

    /// <summary>Unread messages of one peer; more are not taken until some were read or removed.</summary>
    public long InboxMessages { get; init; } = 1_000_000;

    /// <summary>The same in bytes of text.</summary>
    public long InboxBytes { get; init; } = 1L << 30;

    /// <summary>Conversations a second that one identity may begin here.</summary>
    public int ConversationsPerPeer { get; init; } = 5;

    /// <summary>Conversations one identity may begin at once before the rate holds.</summary>
    public int ConversationsPerPeerBurst { get; init; } = 20;

    /// <summary>The least time for a TCP connection when an invitation names several hosts, which share <see cref="Connect"/>.</summary>
    public TimeSpan ConnectLeast { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Conversations at once; strangers and unverified peers who dial beyond it are not taken.</summary>
    public int Conversations { get; init; } = 16_384;

    /// <summary>Memory for larger frames that are not yet whole, in all conversations together.</summary>
    public long PartialFrames { get; init; } = 64 * 1024 * 1024;

    /// <summary>Time a frame may take to come whole when another one needs its memory.</summary>
    public TimeSpan PartialFrameTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence after which a ping is sent.</summary>
    public TimeSpan PingAfter { get; init; } = TimeSpan.FromSeconds(14);

    /// <summary>Silence after which a conversation is dead.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(32);

    /// <summary>First pause before dialling again; it doubles.</summary>
    public TimeSpan RedialFirst { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The pause at which doubling ends.</summary>
    public TimeSpan RedialDoubled { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause after that.</summary>
    public TimeSpan RedialLast { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Two connections between the same peers made within this time were dialled at once.</summary>
    public TimeSpan Simultaneous { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Age of keys in use after which the dialler renews them.</summary>
    public TimeSpan RekeyAfter { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Records in one direction after which the dialler renews the keys.</summary>
    public long RekeyRecords { get; init; } = 1 << 16;

    /// <summary>Bytes in one direction after which the dialler renews the keys.</summary>
    public long RekeyBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Age of keys in use at which no message is sent under them and the connection ends; at twice the counts messages wait for new ones.</summary>
    public TimeSpan RekeyOverdue { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>Time a farewell may take.</summary>
    public TimeSpan Farewell { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Pieces of work that may wait for the store's writer.</summary>
    public int WriterQueue { get; init; } = 8192;

    /// <summary>Pieces of work one commit takes together.</summary>
    public int CommitBatch { get; init; } = 1024;

    /// <summary>How many messages one commit expires, so that it stays of a bearable size.</summary>
    public int ExpiryBatch { get; init; } = 512;

    /// <summary>Record-loads of received messages one conversation may have waiting for their commit.</summary>
    public int ReceiveBatches { get; init; } = 32;

    /// <summary>Committed messages kept in memory for a connected peer before the sender reads them from the store again.</summary>
    public int OutboxTail { get; init; } = 8192;

    /// <summary>The same in bytes of text.</summary>
    public int OutboxTailBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Bytes of one file that may be on their way before the receiver has written them.</summary>
    public int FileWindow { get; init; } = 8 * 1024 * 1024;

    /// <summary>Files that flow at once from or to one peer; the others wait their turn.</summary>
    public int FilesAtOnce { get; init; } = 4;

    /// <summary>Received bytes after which a file is brought to the disk and its progress noted: what a kill may cost.</summary>
    public long FileMarker { get; init; } = 16 * 1024 * 1024;

    /// <summary>Transfers that have ended and are still listed; the oldest make room.</summary>
    public int EndedTransfers { get; init; } = 1000;

    /// <summary>Bytes of a disk that a received file must leave free.</summary>
    public long FileReserve { get; init; } = 64 * 1024 * 1024;

    /// <summary>How often the progress of one file is announced.</summary>
    public TimeSpan FileProgress { get; init; } = TimeSpan.FromSeconds(0.25);
}
