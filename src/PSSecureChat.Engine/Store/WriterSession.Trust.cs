using System.Security.Cryptography;

namespace PSSecureChat.Engine.Store;

/// <summary>What the writer does about whom we know: keys that changed, peers that are deleted, invitations.</summary>
internal sealed partial class WriterSession
{
    private readonly Dictionary<long, PeerRecord> _peers;
    private readonly List<PeerRecord> _peersChanged = []; // in this transaction

    /// <summary>Writes a peer that has another identity now, whose stream of messages is another one, too.</summary>
    public void ChangeIdentity(PeerRecord peer)
    {
        Touch(peer);
        peer.WorkingIn = (Guid.Empty, 0);
        UpdatePeer(peer);

        // What was read was the other key's; the new one need not know.
        using Statement receipts = new(_connection, "DELETE FROM receipt WHERE peer = ?1");
        receipts.Bind(1, peer.Id).Execute();
    }

    /// <summary>Deletes a peer and all its messages.</summary>
    public void RemovePeer(PeerRecord peer)
    {
        KnowFromNow(peer, known: false);
        using Statement messages = new(_connection, "DELETE FROM message WHERE peer = ?1");
        messages.Bind(1, peer.Id).Execute();
        _logHoldsRemoved = true;
        using Statement row = new(_connection, "DELETE FROM peer WHERE id = ?1");
        row.Bind(1, peer.Id).Execute();
    }

    public void InsertInvitation(OpenInvitation invitation)
    {
        byte[] value = new byte[invitation.Size];
        byte[] sealedValue = new byte[invitation.Size + RowSealer.Overhead];
        try
        {
            invitation.WriteTo(value);
            _sealer.Seal(value, new RowPlace(SealedColumn.InvitationSecret, invitation.Id), sealedValue);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(value);
        }

        using Statement insert = new(_connection, "INSERT INTO invitation (id, sealed) VALUES (?1, ?2)");
        insert.Bind(1, invitation.Id).Bind(2, sealedValue).Execute();
    }

    public void DeleteInvitation(long id)
    {
        using Statement delete = new(_connection, "DELETE FROM invitation WHERE id = ?1");
        delete.Bind(1, id).Execute();
    }

    // At once and not with the commit: what follows in the same transaction must find it so.
    private void KnowFromNow(PeerRecord peer, bool known)
    {
        peer.Removed = !known;
        if (known ? _peers.TryAdd(peer.Id, peer) : _peers.Remove(peer.Id))
        {
            _peersChanged.Add(peer);
        }
    }

    // What was inserted is there and goes; what was removed is not and comes back.
    private void RestorePeers()
    {
        foreach (PeerRecord peer in _peersChanged)
        {
            peer.Removed = _peers.Remove(peer.Id);
            if (!peer.Removed)
            {
                _peers.Add(peer.Id, peer);
            }
        }

        _peersChanged.Clear();
    }
}
