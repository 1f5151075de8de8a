using PSSecureChat.Engine.Network;

namespace PSSecureChat.Engine.Watch;

/// <summary>Changes of the peers' states between two looks. A peer that went and came back between them did not change.</summary>
internal sealed class LookForPeers : Look
{
    private readonly ChatEngine _engine;
    private readonly ChatEventName _name;
    private readonly Func<string, bool> _isMeant;
    private Dictionary<Peer, State> _before;

    private readonly record struct State(ChatPeerState Now, Identity.IdentityKey? ChangedKey);

    public LookForPeers(ChatEngine engine, ChatEventName name, Func<string, bool> isMeant)
    {
        _engine = engine;
        _name = name;
        _isMeant = isMeant;
        _before = States();
    }

    public override IEnumerable<ChatEventArgs> Changes(CancellationToken cancellationToken)
    {
        Dictionary<Peer, State> before = _before;
        _before = States();
        IEnumerable<Peer> changed = _name == ChatEventName.PeerDisconnected
            ? before.Where(peer => peer.Value.Now == ChatPeerState.Online && _before.GetValueOrDefault(peer.Key).Now != ChatPeerState.Online).Select(static peer => peer.Key)
            : _before.Where(peer => IsIt(peer.Value) && !(before.TryGetValue(peer.Key, out State old) && old == peer.Value)).Select(static peer => peer.Key);
        foreach (Peer peer in changed)
        {
            if (_isMeant(peer.Label))
            {
                yield return new ChatEventArgs { EventName = _name, Server = _engine.Server.Name, Peer = peer.Snapshot(_engine.Server.Name) };
            }
        }
    }

    private bool IsIt(State state) => state.Now == _name switch
    {
        ChatEventName.PeerConnected => ChatPeerState.Online,
        ChatEventName.PeerRequested => ChatPeerState.Requested,
        _ => ChatPeerState.KeyChanged,
    };

    private Dictionary<Peer, State> States() => _engine.Peers.ToDictionary(
        static peer => peer,
        static peer => peer.State is var now && now == ChatPeerState.KeyChanged ? new State(now, peer.ChangedKey) : new State(now, null));
}
