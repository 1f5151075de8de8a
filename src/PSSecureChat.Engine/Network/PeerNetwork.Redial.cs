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

    // What our user has just decided does not wait for the end of a pause.
    private void RedialNow(Peer peer)
    {
        peer.RedialPause = TimeSpan.Zero;
        peer.Nudged.Pulse();
        Redial(peer);
    }

    private bool IsWanted(Peer peer) => !_stop.IsCancellationRequested && !peer.Paused && peer.Conversation is null && Book.Lists(peer)
        && peer.Record is { Standing: PeerStanding.Accepted } record && (record.Typed ?? record.Seen) is not null;

    private async Task<bool> RedialAsync(Peer peer)
    {
        try
        {
            for (int attempt = 0; IsWanted(peer); attempt++)
            {
                peer.Dialling = peer.RedialPause == TimeSpan.Zero; // without a pause it is as good as begun
                await PauseAsync(peer).ConfigureAwait(false);
                if (!IsWanted(peer))
                {
                    return true;
                }

                peer.Dialling = true;
                peer.RedialPause = NextPause(peer.RedialPause);
                PeerRecord record = peer.Record!;
                PeerAddress address = (attempt % 2 == 0 ? record.Typed ?? record.Seen : record.Seen ?? record.Typed)!;
                if (await TryDialAsync(peer, address).ConfigureAwait(false))
                {
                    return true;
                }

                peer.Dialling = false;
                _changed.Pulse();
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
                peer.Dialling = peer.Redialling = false;
            }

            _changed.Pulse();
            Redial(peer); // it may have been lost again before we were done
        }
    }

    // RedialNow ends it early.
    private async Task PauseAsync(Peer peer)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task nudged = peer.Nudged.Next;
        // Jitter, so that the peers of a server that comes back do not all dial in the same instant.
        await Task.WhenAny(Task.Delay(peer.RedialPause * (0.5 + Random.Shared.NextDouble()), _time, over.Token), nudged).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        _stop.Token.ThrowIfCancellationRequested();
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
            SecureSession session = await Dialer.DialAsync(address, null, _local, _limits, _time, identity => PinAgain(peer, address, identity), null, _stop.Token).ConfigureAwait(false);
            conversation = Begin(session, saysWait: false, out Task<ConversationEnd> end);
            await conversation.Established.WaitAsync(_limits.Handshake, _time, _stop.Token).ConfigureAwait(false);
            if (conversation.Profile is null)
            {
                // It says nothing but that it refuses us: that is no conversation, not even for a moment.
                ConversationEnd refusal = await end.ConfigureAwait(false);
                lock (peer)
                {
                    if (peer.Conversation is not null)
                    {
                        return true; // it has dialled us meanwhile
                    }

                    NoteEnd(peer, conversation, refusal);
                }

                TellOfAttempt(peer, address);
                return false;
            }

            if (!Attach(peer, conversation, end, again: true))
            {
                conversation.Close(CloseReason.Disconnected);
            }

            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException) // whatever it was, the next attempt comes after the pause
        {
            conversation?.Abort();
            peer.Reason = e is TimeoutException ? "it does not answer" : e.Message;
            TellOfAttempt(peer, address);
            return false;
        }
        catch
        {
            conversation?.Abort(); // the server stops, and nobody knows of this one yet
            throw;
        }
    }

    private void TellOfAttempt(Peer peer, PeerAddress address)
    {
        Tell(peer, FormattableString.Invariant($"dialled {address} again: {peer.Reason?.TrimEnd('.')}; the next attempt comes in about {peer.RedialPause.TotalSeconds:0.#} s"));
        _changed.Pulse();
    }

    private void PinAgain(Peer peer, PeerAddress address, IdentityKey identity)
    {
        if (identity != peer.Identity)
        {
            // An address of which only the peer itself told may long be somebody else's, if there is a better one.
            throw address == peer.Record?.Typed || peer.Record?.Typed is null
                ? Changed(peer, identity)
                : ChatErrors.KeyChanged(peer.Label, peer.Identity.Fingerprint, identity.Fingerprint);
        }
    }
}
