using System.Security.Cryptography;

namespace PSSecureChat.Engine.Store;

/// <summary>What the writer does about whom we know: keys that changed, peers that are deleted, invitations.</summary>
internal sealed partial class WriterSession
{
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
        peer.Removed = true;
        using Statement messages = new(_connection, "DELETE FROM message WHERE peer = ?1");
        messages.Bind(1, peer.Id).Execute();
        _logHoldsRemoved = true;
        using Statement row = new(_connection, "DELETE FROM peer WHERE id = ?1");
        row.Bind(1, peer.Id).Execute();
        _peers.Remove(peer.Id);
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
}
