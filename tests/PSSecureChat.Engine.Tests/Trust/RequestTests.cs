using System.Runtime.CompilerServices;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Trust;

public class RequestTests
{
    [Fact]
    public void Thirty_two_requests_may_wait() => Assert.Equal(32, Limits.Default.Requests);

    [Fact]
    public async Task A_request_waits_until_it_is_approved_and_its_messages_with_it()
    {
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Request);
        await using ChatEngine ana = await Party.StartAsync("ana");
        await ana.DialAsync(bob);
        await TwoPeers.SendAsync(ana, "bob", "hello");
        Assert.Equal(ChatPeerState.Waiting, ana.Peer("bob").State);
        await bob.UntilAsync("ana", ChatPeerState.Requested);

        Assert.Equal(ChatErrorId.FingerprintMismatch, await Party.ErrorOfAsync(() => bob.ApproveAsync(ana.Server.Fingerprint, bob.FindPeer(ana.Server.Fingerprint)?.NewFingerprint, new string('7', 60), TwoPeers.Patience)));
        Assert.Equal(ChatPeerState.Requested, bob.Peer("ana").State);
        await bob.ApproveAsync(ana.Server.Fingerprint, bob.FindPeer(ana.Server.Fingerprint)?.NewFingerprint, ana.Peer("bob").SafetyNumber, TwoPeers.Patience);

        await bob.UntilReceivedAsync(1);
        Assert.Equal(ChatTrust.Verified, bob.Peer("ana").Trust);
    }

    // Whoever is dialled back may close the new connection at once, because the one it dialled itself is the one that
    // stays; and that may be heard before the dialler has stored that it knows the stranger now.
    [Fact]
    public async Task Dialling_a_stranger_back_lets_it_in_also_when_the_strangers_own_connection_stays()
    {
        for (int round = 0; round < 5; round++)
        {
            await using ChatEngine one = await Party.StartAsync("one", ChatAcceptance.Request);
            await using ChatEngine other = await Party.StartAsync("other", ChatAcceptance.Request);
            (ChatEngine stranger, ChatEngine host) = StoreOf(one).Identity.PublicKey.CompareTo(StoreOf(other).Identity.PublicKey) < 0 ? (one, other) : (other, one);
            await stranger.DialAsync(host);
            await host.UntilAsync(stranger.Server.Name, ChatPeerState.Requested);

            using ManualResetEventSlim stored = new();
            Task storing = StoreOf(host).Writer.RunAsync(_ => stored.Wait(TwoPeers.Patience), TwoPeers.Patience);
            int looks = 0;
            Task answered = stranger.UntilAsync(() => ++looks > 1);
            Task<ChatPeer> back = host.DialAsync(stranger);
            await answered;
            stored.Set();

            Assert.Equal(ChatPeerState.Online, (await back).State);
            await storing;
            await TwoPeers.SendAsync(host, stranger.Server.Name, "hello");
            await stranger.UntilReceivedAsync(1);
        }
    }

    [Fact]
    public async Task A_fingerprint_that_is_given_for_a_peer_who_is_connected_already_verifies_it()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob");
        Assert.Equal(ChatTrust.Unverified, (await ana.DialAsync(bob)).Trust);

        Assert.Equal(ChatTrust.Verified, (await ana.DialAsync(bob, bob.Server.Fingerprint)).Trust);
        Assert.Equal(ChatTrust.Verified, ana.Peer("bob").Trust);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task Of_more_requests_than_the_limit_the_oldest_make_room_and_are_told(int strangers)
    {
        const int Limit = 3;
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Request, limits: Party.Quick with { Requests = Limit });
        // Those who were sent away do not ask again during this test.
        Limits patient = Party.Quick with { RedialLast = TimeSpan.FromHours(1) };
        List<ChatEngine> dialled = [];
        try
        {
            for (int i = 0; i < strangers; i++)
            {
                ChatEngine stranger = await Party.StartAsync($"stranger{i}", limits: patient);
                dialled.Add(stranger);
                await stranger.DialAsync(bob);
                int asked = i;
                await bob.UntilAsync(() => bob.GetPeers().Any(peer => peer.Name == $"stranger{asked}"));
                Assert.True(bob.GetPeers().Count <= Limit);
            }

            int dropped = Math.Max(0, strangers - Limit);
            Assert.Equal(Enumerable.Range(dropped, strangers - dropped).Select(i => $"stranger{i}"), bob.GetPeers().Select(peer => peer.Name));
            foreach (ChatEngine stranger in dialled[..dropped])
            {
                await stranger.UntilAsync(() => stranger.Peer("bob").Reason == "too many requests wait there");
            }

            Assert.All(dialled[dropped..], stranger => Assert.Equal(ChatPeerState.Waiting, stranger.Peer("bob").State));
        }
        finally
        {
            await Task.WhenAll(dialled.Select(stranger => stranger.StopAsync()));
        }
    }

    [Fact]
    public async Task A_flood_of_requests_leaves_known_peers_and_their_conversations_alone()
    {
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Request, limits: Party.Quick with { Requests = 2 });
        await using ChatEngine ana = await Party.StartAsync("ana");
        await bob.DialAsync(ana);
        for (int i = 0; i < 10; i++)
        {
            await using ChatEngine stranger = await Party.StartAsync("ana", limits: Party.Quick with { RedialLast = TimeSpan.FromHours(1) });
            await stranger.DialAsync(bob);
            await WireTests.DeliverAsync(ana, "bob", $"{i}");
        }

        Assert.Equal(10, bob.Texts().Length);
        Assert.Equal((ChatPeerState.Online, ana.Server.Fingerprint), (bob.Peer("ana").State, bob.Peer("ana").Fingerprint));
    }

    [Theory]
    [InlineData(ChatAcceptance.Request)]
    [InlineData(ChatAcceptance.Anyone)]
    public async Task A_stranger_with_a_known_peers_name_is_somebody_else_with_a_mark_of_its_key(ChatAcceptance accept)
    {
        await using ChatEngine bob = await Party.StartAsync("bob", accept);
        await using ChatEngine ana = await Party.StartAsync("ana");
        await bob.DialAsync(ana);
        await using ChatEngine other = await Party.StartAsync("Ana");
        await other.DialAsync(bob);
        await TwoPeers.SendAsync(other, "bob", "trust me");
        await bob.UntilAsync(() => bob.GetPeers().Count == 2);

        ChatPeer marked = bob.GetPeers().Single(peer => peer.Fingerprint == other.Server.Fingerprint);
        Assert.Equal($"Ana~{other.Server.Fingerprint[..4]}", marked.Name);
        Assert.Equal((ana.Server.Fingerprint, ChatPeerState.Online), (bob.Peer("ana").Fingerprint, bob.Peer("ana").State));
        await WireTests.DeliverAsync(bob, "ana", "only you");
        Assert.Empty(TwoPeers.Inbox(other));
        Assert.All(TwoPeers.Inbox(bob), message => Assert.Equal(marked.Name, message.From));
    }

    [Fact]
    public async Task A_mere_request_gives_its_name_up_for_whom_our_user_dials()
    {
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Request);
        await using ChatEngine squatter = await Party.StartAsync("carol");
        await squatter.DialAsync(bob);
        await bob.UntilAsync("carol", ChatPeerState.Requested);
        await using ChatEngine carol = await Party.StartAsync("carol");

        await bob.DialAsync(carol);

        Assert.Equal(carol.Server.Fingerprint, bob.Peer("carol").Fingerprint);
        Assert.Equal(squatter.Server.Fingerprint, bob.Peer($"carol~{squatter.Server.Fingerprint[..4]}").Fingerprint);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_store")]
    private static extern ref ChatStore StoreOf(ChatEngine engine);
}
