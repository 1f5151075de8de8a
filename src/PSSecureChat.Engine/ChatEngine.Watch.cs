using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Watch;

namespace PSSecureChat.Engine;

/// <summary>What those who watch the engine look at.</summary>
public sealed partial class ChatEngine
{
    /// <summary>Completes at the next change of anything.</summary>
    internal Task Changed => _changed.Next;

    internal IEnumerable<Peer> Peers => _network.Book.All;

    internal StoredStates StoredStates => _store.Writer.StoredStates;

    /// <summary>As when the listener or the writer ends by a mistake.</summary>
    internal void FailForTestingOnly(Exception failure) => Fail(failure);

    /// <summary>Messages to a peer with the numbers behind one and up to another, oldest first.</summary>
    internal IEnumerable<ChatMessage> ReadOutgoing(Peer peer, long after, long upTo, CancellationToken cancellationToken)
    {
        MessageReader.Selection selection = new() { Peer = peer.Record!.Id, Direction = ChatDirection.Outgoing };
        PeerView view = new(peer, peer.Record.StateVersion);
        while (after < upTo)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long from = after;
            List<MessageReader.Row> page = Read(reader => reader.Page(selection, ref from, MessageReader.PageSize, CancellationToken.None)); // a range of the index: nothing is passed over
            if (from == after)
            {
                yield break;
            }

            after = from;
            foreach (MessageReader.Row row in page.TakeWhile(row => row.Sequence <= upTo))
            {
                yield return ToMessage(row, view);
            }
        }
    }

    /// <summary>A message by its row; null when it is gone.</summary>
    internal ChatMessage? ReadRow(long id)
    {
        Dictionary<long, PeerView> peers = PeerViews();
        List<MessageReader.Row> rows = Read(reader => reader.ByRow(id));
        return rows is [MessageReader.Row row] && peers.TryGetValue(row.Peer, out PeerView view) ? ToMessage(row, view) : null;
    }
}
