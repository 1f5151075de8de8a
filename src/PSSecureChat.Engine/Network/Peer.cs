using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// A peer while the server runs: its record, if it is known, and its conversation, if there is one. Changed
/// under its own lock by <see cref="PeerNetwork"/>; everyone may read it.
/// </summary>
internal sealed class Peer(IdentityKey identity, string label, Func<string> safetyNumber)
{
    private readonly Lazy<string> _safetyNumber = new(safetyNumber);

    public IdentityKey Identity { get; } = identity;

    /// <summary>The name it has here.</summary>
    public string Label { get; } = label;

    /// <summary>Null while it is a request.</summary>
    public volatile PeerRecord? Record;

    /// <summary>The live conversation, or null.</summary>
    public volatile Conversation? Conversation;

    /// <summary>Why there is none.</summary>
    public volatile string? Reason;

    /// <summary>The fingerprint of the other key that answered for it, or null.</summary>
    public volatile string? ChangedKey;

    /// <summary>Set by the user's Disconnect: no dialling until the user or the peer dials.</summary>
    public volatile bool Paused;

    /// <summary>Whether somebody is dialling it again.</summary>
    public bool Redialling;

    /// <summary>The storing of its record, while it is under way.</summary>
    public Task<PeerRecord>? Insert;

    /// <summary>The pause before it is dialled again; it grows until a conversation has lasted.</summary>
    public TimeSpan RedialPause;

    /// <summary>When it asked to be let in.</summary>
    public long RequestedAt;

    public ChatPeerState State =>
        Record is null ? ChatPeerState.Requested
        : Record.Standing == PeerStanding.Blocked ? ChatPeerState.Blocked
        : Conversation is { Flowing: true } ? ChatPeerState.Online
        : Conversation is { WaitsForApproval: true } ? ChatPeerState.Waiting
        : ChangedKey is not null ? ChatPeerState.KeyChanged
        : ChatPeerState.Offline;

    /// <summary>What scripts see of it now.</summary>
    public ChatPeer Snapshot(string server)
    {
        PeerRecord? record = Record;
        Conversation? conversation = Conversation;
        ChatPeerState state = State;
        PeerAddress? address = conversation?.Session.Address ?? record?.Typed ?? record?.Seen;
        return new ChatPeer(_safetyNumber)
        {
            Name = Label,
            Server = server,
            State = state,
            Trust = record?.Trust ?? ChatTrust.Unverified,
            Fingerprint = Identity.Fingerprint,
            Address = address?.Host,
            Port = address?.Port ?? 0,
            RoundTrip = conversation?.RoundTrip,
            Unread = (int)Math.Min(int.MaxValue, record?.Unread ?? 0),
            Queued = record is null ? 0 : (int)Math.Min(int.MaxValue, Math.Max(0, record.OutStored - record.OutAcked - record.Retired.Count)),
            LastSeen = record is { LastSeen: > 0 } ? DateTimeOffset.FromUnixTimeMilliseconds(record.LastSeen).ToLocalTime() : null,
            Reason = state == ChatPeerState.Online ? null
                : state == ChatPeerState.Waiting ? "waits to be approved by its user"
                : ChangedKey is string changed ? $"another key answers: {changed}"
                : Reason,
        };
    }
}
