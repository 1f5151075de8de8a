using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>What our user decides about peers: approve, confirm, block, delete. What was begun is done whole: nothing here can be cancelled.</summary>
internal sealed partial class PeerNetwork
{
    /// <summary>Lets a request in, or goes on with the key that answers for a known peer.</summary>
    /// <param name="peer">Whom.</param>
    /// <param name="newFingerprint">The changed key that was looked at, null when there was none: no other one is meant.</param>
    /// <param name="safetyNumber">The number read from the other side, in canonical form, or null.</param>
    /// <exception cref="ChatException">FingerprintMismatch, KeyChanged, PeerBlocked, PeerAlreadyKnown.</exception>
    public async Task ApproveAsync(Peer peer, string? newFingerprint, string? safetyNumber)
    {
        if (peer.IsBlocked)
        {
            throw ChatErrors.PeerBlocked(peer.Label);
        }

        IdentityKey? changed = peer.State == ChatPeerState.KeyChanged ? peer.ChangedKey : null;
        if (changed?.Fingerprint != newFingerprint)
        {
            throw ChatErrors.KeyChangedAgain(peer.Label, newFingerprint, changed?.Fingerprint);
        }

        if (safetyNumber is not null && safetyNumber != (changed is null ? peer.SafetyNumber : SafetyNumber.Compute(_local.Identity, changed)))
        {
            throw ChatErrors.SafetyNumberMismatch(peer.Label);
        }

        Peer approved = changed is null
            ? await KnowAsync(peer.Identity, peer.Label, null, safetyNumber is not null, null, CancellationToken.None).ConfigureAwait(false)
            : await GoOnWithAsync(peer, changed, safetyNumber is not null).ConfigureAwait(false);
        PeerRecord record = approved.Record!;
        if (approved.Conversation is Conversation { Session.WeDialled: false } asking)
        {
            asking.Accept(record);
            await SeenAtAsync(record, asking.Session.Address, CancellationToken.None).ConfigureAwait(false); // as a stranger it left no address
        }

        RedialNow(approved);
    }

    /// <summary>Marks a peer verified.</summary>
    /// <param name="peer">Whom.</param>
    /// <param name="safetyNumber">The number read from the other side, in canonical form.</param>
    /// <exception cref="ChatException">FingerprintMismatch, PeerNotApproved; KeyChanged when it is the number with the new key.</exception>
    public async Task ConfirmAsync(Peer peer, string safetyNumber)
    {
        if (safetyNumber != peer.SafetyNumber)
        {
            throw safetyNumber == peer.ChangedSafetyNumber ? ChatErrors.SafetyNumberOfNewKey(peer.Label) : ChatErrors.SafetyNumberMismatch(peer.Label);
        }

        PeerRecord record = peer.Record ?? throw ChatErrors.PeerNotApproved(peer.Label);
        await ChangeAsync(peer, record, static record => record.Trust = ChatTrust.Verified).ConfigureAwait(false);
    }

    /// <summary>Blocks a peer or a request: its conversation has ended, and none begins, when this completes.</summary>
    public async Task BlockAsync(Peer peer)
    {
        Task<PeerRecord> insert;
        lock (peer)
        {
            insert = peer.Record is PeerRecord known ? Task.FromResult(known)
                : peer.Insert ??= InsertAsync(peer, PeerStanding.BlockedStranger, null, false, null);
        }

        PeerRecord record = await insert.ConfigureAwait(false);
        if (!record.IsBlocked)
        {
            await ChangeAsync(peer, record, static record => record.Standing = PeerStanding.Blocked).ConfigureAwait(false);
        }

        await EndAsync(peer, CloseReason.Refused).ConfigureAwait(false);
        _changed.Pulse();
    }

    /// <summary>Lets a blocked peer in again; a stranger is a stranger again.</summary>
    public async Task UnblockAsync(Peer peer)
    {
        switch (peer.Record)
        {
            case { Standing: PeerStanding.BlockedStranger }:
                await RemoveAsync(peer).ConfigureAwait(false);
                break;
            case { Standing: PeerStanding.Blocked } record:
                await ChangeAsync(peer, record, static record => record.Standing = PeerStanding.Accepted).ConfigureAwait(false);
                peer.Paused = false;
                RedialNow(peer);
                break;
        }
    }

    /// <summary>Deletes a peer and its messages; a request is sent away. Its conversation has ended when this completes.</summary>
    public async Task RemoveAsync(Peer peer)
    {
        if (peer.Insert is Task<PeerRecord> insert)
        {
            await insert.ConfigureAwait(false);
        }

        lock (peer)
        {
            Book.Remove(peer);
        }

        await EndAsync(peer, CloseReason.Disconnected).ConfigureAwait(false);
        if (peer.Record is PeerRecord record)
        {
            try
            {
                await _store.RemovePeerAsync(record).ConfigureAwait(false);
            }
            catch (ChatException)
            {
                Book.Relist(peer);
                throw;
            }
        }

        _changed.Pulse();
    }

    // The record stays, with its name and its outbox, and is the other identity's. In memory first: what the writer writes
    // of this peer from now on, for whatever reason, is then the new state.
    private async Task<Peer> GoOnWithAsync(Peer old, IdentityKey identity, bool verified)
    {
        PeerRecord record = old.Record!;
        Peer next;
        ChatTrust before;
        lock (old)
        {
            next = Book.Succeed(old, identity);
            before = record.Trust;
            record.Trust = verified ? ChatTrust.Verified : ChatTrust.Unverified;
        }

        await EndAsync(old, CloseReason.Goodbye).ConfigureAwait(false);
        try
        {
            await _store.Writer.RunAsync(session => session.ChangeIdentity(record), CancellationToken.None).ConfigureAwait(false);
        }
        catch (ChatException)
        {
            record.Trust = before;
            next.Conversation?.Close(CloseReason.StoreFailure);
            Book.Restore(old, next);
            throw;
        }

        _changed.Pulse();
        return next;
    }

    private async Task ChangeAsync(Peer peer, PeerRecord record, Action<PeerRecord> change)
    {
        (PeerStanding standing, ChatTrust trust) = (record.Standing, record.Trust);
        lock (peer)
        {
            ThrowIfGone(peer);
            change(record);
        }

        try
        {
            await _store.Writer.RunAsync(session => session.UpdatePeer(record), CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            (record.Standing, record.Trust) = (standing, trust);
            throw;
        }

        _changed.Pulse();
    }

    // Under the peer's lock: what is said of one key must not reach a record that another key has taken over.
    private void ThrowIfGone(Peer peer)
    {
        if (!Book.Lists(peer))
        {
            throw ChatErrors.PeerUnknown(peer.Label);
        }
    }
}
