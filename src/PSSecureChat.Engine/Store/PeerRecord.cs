using PSSecureChat.Engine.Identity;

namespace PSSecureChat.Engine.Store;

/// <summary>How we stand to a peer. Stored as numbers, which never change.</summary>
internal enum PeerStanding
{
    Accepted = 1,
    Blocked = 2,
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
    private long _outStored;
    private long _outAcked;
    private long _outSent;
    private long _stateVersion;
    private long _unread;
    private long _lastSeen;

    public required long Id { get; init; }

    public required IdentityKey Identity { get; init; }

    /// <summary>The name it has here; unique, and it stays.</summary>
    public required string Label { get; init; }

    /// <summary>Where our user dialled it.</summary>
    public volatile PeerAddress? Typed;

    /// <summary>Where it was last seen, by its own word about the port.</summary>
    public volatile PeerAddress? Seen;

    public volatile PeerStanding Standing;

    public volatile ChatTrust Trust;

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

    /// <summary>Grows when the stored state of a message to it changes: its state by <see cref="OutAcked"/> alone may be wrong then.</summary>
    public long StateVersion => Volatile.Read(ref _stateVersion);

    public long Unread => Volatile.Read(ref _unread);

    /// <summary>When it was last connected, in milliseconds since 1970; 0 for never.</summary>
    public long LastSeen => Volatile.Read(ref _lastSeen);

    /// <summary>Up to where which of its streams is committed here.</summary>
    public volatile InboundPosition In = InboundPosition.None;

    /// <summary>Told of messages to it once they are committed. Set while it is connected.</summary>
    public volatile OutboxTail? Tail;

    /// <summary>The writer's own numbers: ahead of the published ones while a commit is under way.</summary>
    internal long WorkingOut;
    internal (Guid Stream, long Received) WorkingIn;
    internal long WorkingUnread;
    internal long WorkingSent;
    internal long WorkingVersion;
    internal bool Touched;

    internal void Publish()
    {
        Volatile.Write(ref _outStored, WorkingOut);
        if (In.Stream != WorkingIn.Stream || In.Received != WorkingIn.Received)
        {
            In = new InboundPosition(WorkingIn.Stream, WorkingIn.Received);
        }

        Volatile.Write(ref _unread, WorkingUnread);
        Volatile.Write(ref _outSent, WorkingSent);
        Volatile.Write(ref _stateVersion, WorkingVersion);
        Touched = false;
    }

    internal void Rollback()
    {
        WorkingOut = OutStored;
        WorkingIn = (In.Stream, In.Received);
        WorkingUnread = Unread;
        WorkingSent = OutSent;
        WorkingVersion = StateVersion;
        Touched = false;
    }

    internal void Load(long outLast, long outAcked, long outSent, Guid stream, long received, long unread, long lastSeen)
    {
        WorkingOut = outLast;
        WorkingSent = outSent;
        WorkingIn = (stream, received);
        WorkingUnread = unread;
        Volatile.Write(ref _outAcked, outAcked);
        Volatile.Write(ref _lastSeen, lastSeen);
        Publish();
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
        Retired.ForgetUpTo(sequence);
        return true;
    }

    internal void SetLastSeen(long milliseconds) => Volatile.Write(ref _lastSeen, milliseconds);
}

/// <summary>How far a stream of messages was received. A reference, so that threads see it whole.</summary>
internal sealed record InboundPosition(Guid Stream, long Received)
{
    public static InboundPosition None { get; } = new(Guid.Empty, 0);
}
