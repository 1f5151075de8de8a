using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine;

/// <summary>Why a peer can or cannot be reached. Nothing here changes whom we trust, or shows the other side who asks.</summary>
public sealed partial class ChatEngine
{
    /// <summary>
    /// Tests a known peer: by a ping in the conversation that stands, otherwise by dialling its addresses as far as it shows who it is.
    /// What is wrong stands in the result.
    /// </summary>
    /// <param name="fingerprint">The peer's.</param>
    /// <param name="limit">How long each step may take.</param>
    /// <param name="progress">Told what is being done, for Verbose; may be null. Called on other threads.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    /// <exception cref="ChatException">PeerUnknown, ServerStopped.</exception>
    public async Task<ChatPeerTest> TestAsync(string fingerprint, TimeSpan limit, Action<string>? progress, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        Peer peer = Find(fingerprint);
        Finding finding = new() { Peer = peer, Address = peer.Conversation?.Session.Address };
        try
        {
            await PingAsync(peer, finding, limit, progress, cancellationToken).ConfigureAwait(false);
            ThrowIfKeptApart(peer);
            if (!finding.InConversation)
            {
                finding.Suite = null;
                await DialAsync(peer, finding, limit, progress, cancellationToken).ConfigureAwait(false);
                // Whether it also lets us in is about to be known when it is being dialled again at this moment.
                await _network.WhenDialledAsync(peer, limit, cancellationToken).ConfigureAwait(false);
                await PingAsync(peer, finding, limit, progress, cancellationToken).ConfigureAwait(false);
                ThrowIfKeptApart(peer);
            }

            if (!finding.InConversation)
            {
                ThrowIfEnded(peer);
                finding.Note = peer.Reason is string why ? $"It answers with the key we know; no conversation stands yet: {why}" : null;
            }
        }
        catch (ChatException failure)
        {
            finding.Failure = failure;
        }

        return ToTest(finding);
    }

    /// <summary>Tests whoever answers at an address, known or not.</summary>
    /// <param name="host">Address or host name.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="limit">How long each step may take.</param>
    /// <param name="progress">Told what is being done, for Verbose; may be null. Called on other threads.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    /// <exception cref="ChatException">AddressNotUsable, ServerStopped.</exception>
    public async Task<ChatPeerTest> TestAsync(string host, int port, TimeSpan limit, Action<string>? progress, CancellationToken cancellationToken)
    {
        CheckAddress(host, port);
        ThrowIfStopped();
        PeerAddress address = new(host, port);
        Peer? expected = _network.Book.FindTyped(address);
        Finding finding = new() { Peer = expected, Address = address };
        try
        {
            await ProbeAsync(address, finding, limit, progress, cancellationToken).ConfigureAwait(false);
            finding.Peer = expected ?? _network.Book.Find(finding.Found!);
            if (finding.Peer is Peer peer)
            {
                Compare(peer, finding.Found!);
                ThrowIfKeptApart(peer);
                ThrowIfEnded(peer);
            }
            else
            {
                finding.Note = "Somebody you do not know answers. Connect-ChatPeer makes it known.";
            }
        }
        catch (ChatException failure)
        {
            finding.Failure = failure;
        }

        return ToTest(finding);
    }

    private async Task PingAsync(Peer peer, Finding finding, TimeSpan limit, Action<string>? progress, CancellationToken cancellationToken)
    {
        SecureSession? session = peer.Conversation?.Session;
        finding.Suite = session?.Suite ?? finding.Suite;
        if (await _network.PingAsync(peer, limit, cancellationToken).ConfigureAwait(false) is TimeSpan took)
        {
            session = peer.Conversation?.Session ?? session;
            (finding.Address, finding.Suite) = (session?.Address ?? finding.Address, session?.Suite ?? finding.Suite);
            (finding.InConversation, finding.Found, finding.RoundTrip) = (true, peer.Identity, took);
            progress?.Invoke($"{peer.Label} answered a ping in the conversation that stands after {took.TotalMilliseconds:0.#} ms");
        }
    }

    // The first address at which anybody answers; what is wrong with the likeliest one, when nobody does.
    private async Task DialAsync(Peer peer, Finding finding, TimeSpan limit, Action<string>? progress, CancellationToken cancellationToken)
    {
        ChatException? first = null;
        foreach (PeerAddress address in PeerNetwork.AddressesOf(peer))
        {
            try
            {
                Finding one = first is null ? finding : new Finding();
                one.Address = address;
                await ProbeAsync(address, one, limit, progress, cancellationToken).ConfigureAwait(false);
                Compare(peer, one.Found!);
                (finding.Address, finding.Found, finding.RoundTrip, finding.Suite) = (address, one.Found, one.RoundTrip, one.Suite);
                return;
            }
            catch (ChatException failure)
            {
                progress?.Invoke(failure.Message);
                first ??= failure;
            }
        }

        throw first ?? ChatErrors.NoAddress(peer.Label);
    }

    private async Task ProbeAsync(PeerAddress address, Finding finding, TimeSpan limit, Action<string>? progress, CancellationToken cancellationToken)
    {
        (finding.Found, finding.RoundTrip) = await _network.ProbeAsync(address, limit, progress, cancellationToken).ConfigureAwait(false);
        finding.Suite = Handshake.SuiteOf(invited: false);
    }

    private void Compare(Peer peer, IdentityKey found)
    {
        if (found != peer.Identity)
        {
            throw _network.Book.Find(found) is { Record: not null } other
                ? ChatErrors.PeerAlreadyKnown(peer.Label, other.Label, found.Fingerprint)
                : ChatErrors.KeyChanged(peer.Label, peer.Identity.Fingerprint, found.Fingerprint);
        }
    }

    // What stands between us and a peer, whoever answers.
    private static void ThrowIfKeptApart(Peer peer)
    {
        switch (peer.State)
        {
            case ChatPeerState.Blocked:
                throw ChatErrors.PeerBlocked(peer.Label);
            case ChatPeerState.Requested:
                throw ChatErrors.PeerNotApproved(peer.Label);
            case ChatPeerState.Waiting:
                throw ChatErrors.WaitsForApproval(peer.Label);
        }
    }

    // The right one answers, and yet there is no conversation: because it, or our user, wants none.
    private static void ThrowIfEnded(Peer peer)
    {
        if (peer.Conversation is null && peer.RefusesUs)
        {
            throw ChatErrors.RefusedByPeer(peer.Label, peer.Reason ?? "it refuses us");
        }

        if (peer.Conversation is null && peer.Paused)
        {
            throw ChatErrors.NotWanted(peer.Label, peer.Reason);
        }
    }

    private ChatPeerTest ToTest(Finding finding)
    {
        Peer? peer = finding.Peer;
        return new ChatPeerTest
        {
            Peer = peer?.Label,
            Server = Server.Name,
            Address = finding.Address?.ToString(),
            Succeeded = finding.Failure is null,
            RoundTrip = finding.RoundTrip,
            InConversation = finding.InConversation,
            Suite = finding.Suite,
            State = peer?.State,
            Trust = peer is null ? null : peer.Record?.Trust ?? ChatTrust.Unverified,
            Fingerprint = peer?.Identity.Fingerprint,
            FoundFingerprint = finding.Found?.Fingerprint,
            ErrorId = finding.Failure?.ErrorId,
            Reason = finding.Failure?.Message ?? finding.Note,
            Recommendation = finding.Failure?.Recommendation,
        };
    }

    private sealed class Finding
    {
        public Peer? Peer { get; set; }

        public PeerAddress? Address { get; set; }

        public IdentityKey? Found { get; set; }

        public TimeSpan? RoundTrip { get; set; }

        public bool InConversation { get; set; }

        public string? Suite { get; set; }

        public string? Note { get; set; }

        public ChatException? Failure { get; set; }
    }
}
