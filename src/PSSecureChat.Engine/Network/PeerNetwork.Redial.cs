using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>Dialling known peers again, by one policy.</summary>
internal sealed partial class PeerNetwork
{
    private void Redial(Peer peer)
    {
        lock (peer)
        {
            if (peer.Redialling || !IsWanted(peer))
            {
                return;
            }

            peer.Redialling = true;
        }

        Track(RedialAsync(peer));
    }

    private bool IsWanted(Peer peer) => !_stop.IsCancellationRequested && !peer.Paused && peer.Conversation is null
        && peer.Record is { Standing: PeerStanding.Accepted } record && (record.Typed ?? record.Seen) is not null;

    private async Task<bool> RedialAsync(Peer peer)
    {
        try
        {
            for (int attempt = 0; IsWanted(peer); attempt++)
            {
                // Jitter, so that the peers of a server that comes back do not all dial in the same instant.
                await Task.Delay(peer.RedialPause * (0.5 + Random.Shared.NextDouble()), _time, _stop.Token).ConfigureAwait(false);
                if (!IsWanted(peer))
                {
                    return true;
                }

                peer.RedialPause = NextPause(peer.RedialPause);
                PeerRecord record = peer.Record!;
                PeerAddress address = (attempt % 2 == 0 ? record.Typed ?? record.Seen : record.Seen ?? record.Typed)!;
                if (await TryDialAsync(peer, address).ConfigureAwait(false))
                {
                    return true;
                }
            }

            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            lock (peer)
            {
                peer.Redialling = false;
            }

            Redial(peer); // it may have been lost again before we were done
        }
    }

    private TimeSpan NextPause(TimeSpan pause) =>
        pause == TimeSpan.Zero ? _limits.RedialFirst
        : pause >= _limits.RedialDoubled ? _limits.RedialLast
        : pause * 2 < _limits.RedialDoubled ? pause * 2
        : _limits.RedialDoubled;

    private async Task<bool> TryDialAsync(Peer peer, PeerAddress address)
    {
        Conversation? conversation = null;
        try
        {
            SecureSession session = await Dialer.DialAsync(address, _local, _limits, _time, identity => PinAgain(peer, address, identity), null, _stop.Token).ConfigureAwait(false);
            conversation = Begin(session, saysWait: false, out Task<ConversationEnd> end);
            await conversation.Established.WaitAsync(_limits.Handshake, _time, _stop.Token).ConfigureAwait(false);
            if (peer.Paused || peer.Record?.Standing != PeerStanding.Accepted)
            {
                conversation.Close(CloseReason.Disconnected);
                return true;
            }

            peer.ChangedKey = null;
            Attach(peer, conversation, end);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException) // whatever it was, the next attempt comes after the pause
        {
            conversation?.Abort();
            peer.Reason = e is TimeoutException ? "it does not answer" : e.Message;
            _changed.Pulse();
            return false;
        }
    }

    private static void PinAgain(Peer peer, PeerAddress address, IdentityKey identity)
    {
        if (identity != peer.Identity)
        {
            if (address == peer.Record?.Typed)
            {
                peer.ChangedKey = identity.Fingerprint;
            }

            throw ChatErrors.KeyChanged(peer.Label, peer.Identity.Fingerprint, identity.Fingerprint);
        }
    }
}
