using PSSecureChat.Engine.Identity;

namespace PSSecureChat.Engine.Store;

/// <summary>How we stand to a peer. Stored as numbers, which never change.</summary>
internal enum PeerStanding
{
    Accepted = 1,
    Blocked = 2,

    /// <summary>Blocked when it was a request: once unblocked, it is the stranger again that it was.</summary>
    BlockedStranger = 3,
}

/// <summary>Where a peer can be dialled.</summary>
/// <param name="Host">Address or host name.</param>
/// <param name="Port">Its listening port.</param>
internal sealed record PeerAddress(string Host, int Port)
{
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

/// <summary>
/// A known peer as the store has it. Only the store's writer changes it; everyone may read it. Numbers are
/// published after the commit that makes them true.
/// </summary>
internal sealed class PeerRecord
{
    private volatile IdentityKey _identity = null!;
    private long _outStored;
    private long _outAcked;
    private long _outSent;
    private long _stateVersion;
    private long _unread;
    private long _unreadBytes;
    private long _lastSeen;

    public required long Id { get; init; }

    /// <summary>Whose it is now. Changes only when our user has gone on with another key.</summary>
    public required IdentityKey Identity
    {
        get => _identity;
        set => _identity = value;
    }

    /// <summary>The name it has here; unique, and it stays.</summary>
    public required string Label { get; init; }

    /// <summary>Where our user dialled it.</summary>
    public volatile PeerAddress? Typed;

    /// <summary>Where it was last seen, by its own word about the port.</summary>
    public volatile PeerAddress? Seen;

    public volatile PeerStanding Standing;

    public volatile ChatTrust Trust;

    public bool IsBlocked => Standing is PeerStanding.Blocked or PeerStanding.BlockedStranger;

    /// <summary>Set when it is deleted: what was still on its way to its rows comes to nothing.</summary>
    public volatile bool Removed;

    /// <summary>The last number of our stream to it that is stored.</summary>
    public long OutStored => Volatile.Read(ref _outStored);

    /// <summary>Up to where it has acknowledged our stream.</summary>
    public long OutAcked => Volatile.Read(ref _outAcked);

    /// <summary>Messages beyond this number certainly never left: committed before any of them is sent.</summary>
    public long OutSent => Volatile.Read(ref _outSent);

    /// <summary>The last number that may be sent.</summary>
    public long OutReleased => Math.Min(OutStored, OutSent);

    /// <summary>The numbers beyond <see cref="OutAcked"/> that will not be sent.</summary>
    public RetiredNumbers Retired { get; } = new();

    /// <summary>How much waits to be delivered to it.</summary>
    public OutboxLoad Waiting { get; } = new();

    /// <summary>Grows when the stored state of a message to it changes: its state by <see cref="OutAcked"/> alone may be wrong then.</summary>
    public long StateVersion => Volatile.Read(ref _stateVersion);

    public long Unread => Volatile.Read(ref _unread);

    /// <summary>The bytes of what it sent and nobody has read.</summary>
    public long UnreadBytes => Volatile.Read(ref _unreadBytes);

    /// <summary>Whether something it sent had no room here. Until enough was read.</summary>
    public volatile bool InboxIsFull;

    /// <summary>When it was last connected, in milliseconds since 1970; 0 for never.</summary>
    public long LastSeen => Volatile.Read(ref _lastSeen);

    /// <summary>Up to where which of its streams is committed here.</summary>
    public volatile InboundPosition In = InboundPosition.None;

    /// <summary>Told of messages to it once they are committed. Set while it is connected.</summary>
    public volatile OutboxTail? Tail;

    /// <summary>The writer's own numbers: ahead of the published ones while a commit is under way.</summary>
    internal long WorkingOut;
    internal long WorkingOutBytes;
    internal (Guid Stream, long Received) WorkingIn;
    internal long WorkingUnread;
    internal long WorkingUnreadBytes;
    internal bool WorkingFull;
    internal long WorkingSent;
    internal long WorkingVersion;
    internal bool Touched;

    /// <summary>1 while an acknowledgement waits to be saved. Set by whoever hears it, taken back by the writer.</summary>
    internal int AcknowledgedUnsaved;

    internal void Publish()
    {
        if (WorkingOut > _outStored)
        {
            Waiting.Store(_outStored + 1, WorkingOut, WorkingOutBytes); // before anybody can send them
            WorkingOutBytes = 0;
        }

        PublishNumbers();
    }

    private void PublishNumbers()
    {
        Volatile.Write(ref _outStored, WorkingOut);
        Volatile.Write(ref _unread, WorkingUnread);
        Volatile.Write(ref _unreadBytes, WorkingUnreadBytes);
        InboxIsFull = WorkingFull;
        Volatile.Write(ref _outSent, WorkingSent);
        Volatile.Write(ref _stateVersion, WorkingVersion);
        Touched = false;
    }

    internal void PublishReceived()
    {
        if (In.Stream != WorkingIn.Stream || In.Received != WorkingIn.Received)
        {
            In = new InboundPosition(WorkingIn.Stream, WorkingIn.Received);
        }
    }

    internal void Rollback()
    {
        WorkingOut = OutStored;
        WorkingOutBytes = 0;
        WorkingIn = (In.Stream, In.Received);
        WorkingUnread = Unread;
        WorkingUnreadBytes = UnreadBytes;
        WorkingFull = InboxIsFull;
        WorkingSent = OutSent;
        WorkingVersion = StateVersion;
        Touched = false;
    }

    internal void Load(long outLast, long outAcked, long outSent, long outBytes, Guid stream, long received, long unread, long unreadBytes, long lastSeen)
    {
        if (outLast > outAcked)
        {
            Waiting.Load(outAcked + 1, outLast, outBytes);
        }

        WorkingUnreadBytes = unreadBytes;
        WorkingOut = outLast;
        WorkingSent = outSent;
        WorkingIn = (stream, received);
        WorkingUnread = unread;
        Volatile.Write(ref _outAcked, outAcked);
        Volatile.Write(ref _lastSeen, lastSeen);
        PublishNumbers();
        PublishReceived();
    }

    /// <summary>
    /// Notes an acknowledgement as it arrives. The peer has committed the messages, so they are delivered now;
    /// our row follows, and a crash before it only has the peer acknowledge again.
    /// </summary>
    internal bool Acknowledge(long sequence)
    {
        long current;
        do
        {
            current = OutAcked;
            if (sequence <= current)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _outAcked, sequence, current) != current);
        Waiting.Acknowledge(current, sequence);
        ForgetRetired();
        return true;
    }

    /// <summary>A message will not be sent, or is not waited for any more.</summary>
    internal void Retire(long sequence, long bytes)
    {
        if (Retired.Add(sequence, bytes))
        {
            Waiting.Retire(1, bytes);
            ForgetRetired();
        }
    }

    /// <summary>Whether nobody waits for any of these numbers: each is retired or acknowledged.</summary>
    internal bool IsSettled(long from, long to)
    {
        long acked;
        do
        {
            acked = OutAcked;
            if (Retired.Covers(Math.Max(from, acked + 1), to))
            {
                return true;
            }
        }
        while (OutAcked != acked); // what is acknowledged is not among the retired any more
        return false;
    }

    // A number that was retired and is acknowledged as well has been taken off twice.
    private void ForgetRetired()
    {
        (long messages, long bytes) = Retired.ForgetUpTo(OutAcked);
        Waiting.Retire(-messages, -bytes);
    }

    internal void SetLastSeen(long milliseconds) => Volatile.Write(ref _lastSeen, milliseconds);
}

/// <summary>How far a stream of messages was received. A reference, so that threads see it whole.</summary>
internal sealed record InboundPosition(Guid Stream, long Received)
{
    public static InboundPosition None { get; } = new(Guid.Empty, 0);
}
