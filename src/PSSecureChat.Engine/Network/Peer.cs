using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// A peer while the server runs: its record, if it is known, and its conversation, if there is one. Changed
/// under its own lock by <see cref="PeerNetwork"/>; everyone may read it. Its identity never changes: who goes on
/// with another key is another peer with the same record.
/// </summary>
internal sealed class Peer(IdentityKey own, IdentityKey identity, string label)
{
    private readonly Lazy<string> _safetyNumber = new(() => Engine.Identity.SafetyNumber.Compute(own, identity));
    private volatile ChangedIdentity? _changed;

    public IdentityKey Identity { get; } = identity;

    // Of the conversations it began. Under its own lock.
    private TokenBucket? _visits;

    /// <summary>The name it has here. A request's may change, a known peer's never does. Set by <see cref="PeerBook"/>.</summary>
    public volatile string Label = label;

    /// <summary>Null while it is a request. Set by <see cref="PeerBook"/>.</summary>
    public volatile PeerRecord? Record;

    /// <summary>The live conversation, or null.</summary>
    public volatile Conversation? Conversation;

    /// <summary>Why there is none.</summary>
    public volatile string? Reason;

    /// <summary>What happened with it lately.</summary>
    public readonly Story Story = new();

    /// <summary>Whether the last conversation ended because the other side refuses us.</summary>
    public volatile bool RefusesUs;

    /// <summary>Set by the user's Disconnect: no dialling until the user or the peer dials.</summary>
    public volatile bool Paused;

    /// <summary>Whether somebody is dialling it again.</summary>
    public bool Redialling;

    /// <summary>Whether an attempt to dial it again is under way, which shows whether it lets us in.</summary>
    public volatile bool Dialling;

    /// <summary>Whether it took no more of our messages when it was last connected, since its user has not read those it has.</summary>
    public volatile bool TheirInboxIsFull;

    /// <summary>The storing of its record, while it is under way.</summary>
    public Task<PeerRecord>? Insert;

    /// <summary>Whether it is to be known, though its record may not be stored yet. Set by <see cref="PeerBook"/>.</summary>
    public bool Chosen;

    /// <summary>The pause before it is dialled again; it grows until a conversation has lasted.</summary>
    public TimeSpan RedialPause;

    /// <summary>Pulsed to end the pause between two attempts.</summary>
    public readonly ChangeSignal Nudged = new();

    /// <summary>Its place among the requests: smaller ones came earlier. 0 when it is none.</summary>
    public long RequestNumber;

    /// <summary>The other key that answered for it, or null.</summary>
    public IdentityKey? ChangedKey
    {
        get => _changed?.Identity;
        set => _changed = value is null ? null : new ChangedIdentity(own, value);
    }

    public string SafetyNumber => _safetyNumber.Value;

    /// <summary>The safety number with the other key, or null.</summary>
    public string? ChangedSafetyNumber => _changed?.SafetyNumber.Value;

    public bool IsBlocked => Record is { IsBlocked: true };

    public ChatPeerState State =>
        Record is null ? ChatPeerState.Requested
        : IsBlocked ? ChatPeerState.Blocked
        : Conversation is { Flowing: true } ? ChatPeerState.Online
        : Conversation is { WaitsForApproval: true } ? ChatPeerState.Waiting
        : _changed is not null ? ChatPeerState.KeyChanged
        : ChatPeerState.Offline;

    /// <summary>Whether it may begin another conversation now; it has begun one then. The cost of each is ours, too.</summary>
    public bool MayBegin(Limits limits, TimeProvider time)
    {
        lock (this)
        {
            long now = time.GetTimestamp();
            TokenBucket bucket = _visits ?? new TokenBucket(limits.ConversationsPerPeer, limits.ConversationsPerPeerBurst, now);
            bool may = bucket.TryTake(time, now);
            _visits = bucket;
            return may;
        }
    }

    /// <summary>What scripts see of it now.</summary>
    public ChatPeer Snapshot(string server)
    {
        PeerRecord? record = Record;
        Conversation? conversation = Conversation;
        ChatPeerState state = State;
        ChangedIdentity? changed = state == ChatPeerState.KeyChanged ? _changed : null;
        PeerAddress? address = conversation?.Session.Address ?? record?.Typed ?? record?.Seen;
        return new ChatPeer(_safetyNumber, changed?.SafetyNumber)
        {
            Name = Label,
            Server = server,
            State = state,
            Trust = record?.Trust ?? ChatTrust.Unverified,
            Fingerprint = Identity.Fingerprint,
            NewFingerprint = changed?.Identity.Fingerprint,
            Address = address?.Host,
            Port = address?.Port ?? 0,
            RoundTrip = conversation?.RoundTrip,
            Unread = (int)Math.Min(int.MaxValue, record?.Unread ?? 0),
            Queued = record is null ? 0 : (int)Math.Min(int.MaxValue, Math.Max(0, record.OutStored - record.OutAcked - record.Retired.Count)),
            LastSeen = record is { LastSeen: > 0 } ? DateTimeOffset.FromUnixTimeMilliseconds(record.LastSeen).ToLocalTime() : null,
            Reason = state == ChatPeerState.Waiting ? "waits to be approved by its user"
                : changed is not null ? $"another key answers: {changed.Identity.Fingerprint}"
                : record is { InboxIsFull: true, IsBlocked: false } ? "its messages fill the inbox here; when some are read or removed, it goes on"
                : state == ChatPeerState.Online ? null
                : Reason,
        };
    }

    private sealed class ChangedIdentity(IdentityKey own, IdentityKey identity)
    {
        public IdentityKey Identity { get; } = identity;

        public Lazy<string> SafetyNumber { get; } = new(() => Engine.Identity.SafetyNumber.Compute(own, identity));
    }
}
