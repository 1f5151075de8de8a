using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Watch;

/// <summary>
/// How far our messages have come. That they were sent and delivered follows from the peers' numbers; the writer tells of states that
/// are stored, as long as this looks.
/// </summary>
internal sealed class LookForStates : Look
{
    private readonly ChatEngine _engine;
    private readonly Func<string, bool> _isMeant;
    private readonly Dictionary<long, (long Acked, long Sent)> _seen = [];
    private readonly StateObserver _stored = new();

    public LookForStates(ChatEngine engine, Func<string, bool> isMeant)
    {
        _engine = engine;
        _isMeant = isMeant;
        engine.StoredStates.Add(_stored);
        foreach (Peer peer in engine.Peers)
        {
            if (peer.Record is PeerRecord record)
            {
                _seen[record.Id] = (record.OutAcked, Math.Max(record.OutAcked, SentUpTo(peer)));
            }
        }
    }

    public override IEnumerable<ChatEventArgs> Changes(CancellationToken cancellationToken)
    {
        foreach (Peer peer in _engine.Peers)
        {
            if (peer.Record is not PeerRecord record)
            {
                continue;
            }

            (long acked, long sent) = _seen.GetValueOrDefault(record.Id);
            long ackedNow = Math.Max(acked, record.OutAcked);
            long sentNow = Math.Max(Math.Max(sent, ackedNow), SentUpTo(peer));
            if (sentNow == sent && ackedNow == acked)
            {
                continue;
            }

            _seen[record.Id] = (ackedNow, sentNow);
            if (_isMeant(peer.Label))
            {
                foreach (ChatMessage message in _engine.ReadOutgoing(peer, acked, ackedNow, cancellationToken).Where(static message => message.State == ChatMessageState.Delivered))
                {
                    yield return Event(message);
                }

                foreach (ChatMessage message in _engine.ReadOutgoing(peer, Math.Max(sent, ackedNow), sentNow, cancellationToken).Where(static message => message.State == ChatMessageState.Sent))
                {
                    yield return Event(message);
                }
            }
        }

        while (_stored.TryTake(out long row))
        {
            if (_engine.ReadRow(row) is ChatMessage { Direction: ChatDirection.Outgoing } message && _isMeant(message.Peer))
            {
                yield return Event(message);
            }
        }
    }

    public override int TakeLeftOut() => _stored.TakeLeftOut();

    public override void Dispose()
    {
        _engine.StoredStates.Remove(_stored);
        base.Dispose();
    }

    private static long SentUpTo(Peer peer) => peer.Conversation is { Flowing: true } conversation ? conversation.SentUpTo : 0;

    private ChatEventArgs Event(ChatMessage message) => new() { EventName = ChatEventName.MessageStateChanged, Server = _engine.Server.Name, Message = message };
}
