using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>Making peers known.</summary>
internal sealed partial class PeerNetwork
{
    // Makes a peer known, or finds it, and notes the address our user gave. What else is to be stored goes along.
    private async Task<Peer> KnowAsync(IdentityKey identity, string name, PeerAddress? typed, bool verified, Action<WriterSession>? also, CancellationToken cancellationToken)
    {
        Peer peer = Book.GetOrAdd(identity, name, isRequest: false);
        Task<PeerRecord> insert;
        bool fresh = false;
        lock (peer)
        {
            fresh = peer.Record is null && peer.Insert is null;
            insert = fresh ? peer.Insert = InsertAsync(peer, PeerStanding.Accepted, typed, verified, also)
                : peer.Record is PeerRecord known ? Task.FromResult(known)
                : peer.Insert!;
        }

        PeerRecord record = await insert.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!fresh && (also is not null || (typed is not null && typed != record.Typed) || (verified && record.Trust != ChatTrust.Verified)))
        {
            lock (peer)
            {
                ThrowIfGone(peer);
                record.Typed = typed ?? record.Typed;
                record.Trust = verified ? ChatTrust.Verified : record.Trust;
            }

            await _store.Writer.RunAsync(
                session =>
                {
                    session.UpdatePeer(record);
                    also?.Invoke(session);
                },
                cancellationToken).ConfigureAwait(false);
        }

        _changed.Pulse();
        return peer;
    }

    // The record counts once it is stored: messages must not hang on a row that is not there.
    private async Task<PeerRecord> InsertAsync(Peer peer, PeerStanding standing, PeerAddress? typed, bool verified, Action<WriterSession>? also)
    {
        await Task.Yield(); // the caller first keeps this task
        PeerRecord? record = null;
        try
        {
            record = Book.Choose(peer, label => new PeerRecord { Id = _store.NextPeerId(), Identity = peer.Identity, Label = label, Standing = standing });
            record.Typed = typed;
            record.Trust = verified ? ChatTrust.Verified : ChatTrust.Unverified;
            PeerRecord row = record;
            await _store.Writer.RunAsync(
                session =>
                {
                    session.InsertPeer(row);
                    also?.Invoke(session);
                },
                CancellationToken.None).ConfigureAwait(false);
            lock (peer)
            {
                peer.Record = record;
            }

            return record;
        }
        finally
        {
            if (peer.Record is null)
            {
                Book.Unchoose(peer, stays: peer.Conversation is not null);
            }

            lock (peer)
            {
                peer.Insert = null; // nobody finds neither the record nor its making
            }
        }
    }

    private async Task SeenAtAsync(PeerRecord record, PeerAddress seen, CancellationToken cancellationToken)
    {
        if (seen.Port > 0 && seen != record.Seen)
        {
            record.Seen = seen;
            await _store.Writer.RunAsync(session => session.UpdatePeer(record), cancellationToken).ConfigureAwait(false);
        }
    }
}
