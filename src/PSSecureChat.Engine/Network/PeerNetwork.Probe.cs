using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// Diagnosis: finds out and changes nothing. A dial goes as far as message 2, where the other side has shown who it is and we
/// have not: no request is made there, nothing is pinned here, and no changed key is noted.
/// </summary>
internal sealed partial class PeerNetwork
{
    /// <summary>Looks who answers at an address.</summary>
    /// <exception cref="ChatException">Why nobody does.</exception>
    public Task<(IdentityKey Identity, TimeSpan RoundTrip)> ProbeAsync(PeerAddress address, TimeSpan limit, Action<string>? progress, CancellationToken cancellationToken)
    {
        Limits limits = _limits with { Connect = Shorter(_limits.Connect, limit), Handshake = Shorter(_limits.Handshake, limit) };
        return Dialer.ProbeAsync(address, _local, limits, _time, progress, cancellationToken);
    }

    /// <summary>Waits until an attempt to dial a peer again is over, if one is under way; no longer than the limit.</summary>
    public async Task WhenDialledAsync(Peer peer, TimeSpan limit, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = new(limit, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            await _changed.WhenAsync(() => !peer.Dialling || peer.Conversation is not null, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // its other address, where nobody answers
        }
    }

    /// <summary>Measures a round trip in the conversation that stands, once it is clear whether it does: one that has just begun may be refused.</summary>
    /// <returns>The round trip; null when there is no conversation, or it ended.</returns>
    /// <exception cref="ChatException">TimedOut.</exception>
    public async Task<TimeSpan?> PingAsync(Peer peer, TimeSpan limit, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = new(limit, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            while (peer.Conversation is Conversation conversation)
            {
                bool HasEnded() => peer.Conversation != conversation;
                await _changed.WhenAsync(() => peer.State != ChatPeerState.Offline || HasEnded(), both.Token).ConfigureAwait(false);
                if (await conversation.PingAsync(both.Token).ConfigureAwait(false) is TimeSpan took)
                {
                    return took;
                }

                await _changed.WhenAsync(HasEnded, both.Token).ConfigureAwait(false); // another may have taken its place
            }

            return null;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw ChatErrors.PingTimedOut(peer.Label, limit);
        }
    }

    /// <summary>Where a peer may be, the likeliest first.</summary>
    public static IEnumerable<PeerAddress> AddressesOf(Peer peer) => new[] { peer.Record?.Typed, peer.Record?.Seen }.OfType<PeerAddress>().Distinct();

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
