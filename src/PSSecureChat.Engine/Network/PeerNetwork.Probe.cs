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

    /// <summary>Measures a round trip in the conversation that stands.</summary>
    /// <returns>The round trip; null when there is no conversation, or it ended.</returns>
    /// <exception cref="ChatException">TimedOut.</exception>
    public async Task<TimeSpan?> PingAsync(Peer peer, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (peer.Conversation is not Conversation conversation)
        {
            return null;
        }

        using CancellationTokenSource over = new(limit, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            return await conversation.PingAsync(both.Token).ConfigureAwait(false);
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
