using PSSecureChat.Engine.Tests.Trust;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>The outbox says why a message waits. That the other side's inbox is full: <see cref="PeerLimitTests"/>.</summary>
public class WaitingReasonTests
{
    [Fact]
    public async Task The_peer_is_away()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.StopBobAsync();
        await peers.SendAsync("text");
        Assert.Matches(@"^bob is not connected since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d: ", Assert.Single(peers.Outbox).Reason);
    }

    [Fact]
    public async Task The_peer_is_blocked()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.StopBobAsync();
        await peers.SendAsync("text");
        await peers.Ana.BlockAsync(peers.Bob.Server.Fingerprint, TwoPeers.Patience);
        Assert.Equal("bob is blocked", Assert.Single(peers.Outbox).Reason);
    }

    [Fact]
    public async Task The_peers_user_has_not_let_us_in()
    {
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Request);
        await using ChatEngine ana = await Party.StartAsync("ana");
        await ana.DialAsync(bob);
        await TwoPeers.SendAsync(ana, "bob", "text");
        Assert.Equal("bob has not approved us yet", Assert.Single(ana.ReadOutbox(null, TwoPeers.Patience)).Reason);
    }

    [Fact]
    public async Task The_peers_user_blocks_us()
    {
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using ChatEngine ana = await Party.StartAsync("ana");
        await ana.DialAsync(bob);
        await bob.UntilAsync("ana", ChatPeerState.Online);
        await bob.BlockAsync(ana.Server.Fingerprint, TwoPeers.Patience);
        await ana.UntilAsync("bob", ChatPeerState.Offline);
        await TwoPeers.SendAsync(ana, "bob", "text");
        await ana.UntilAsync(() => ana.ReadOutbox(null, TwoPeers.Patience).Single().Reason!.EndsWith(": its user blocks us, or it takes no strangers", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_peers_key_has_changed()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        int port;
        await using (ChatEngine old = await Party.StartAsync("bob"))
        {
            port = old.Server.Port;
            await ana.DialAsync(old);
        }

        await using ChatEngine bob = await Party.StartAsync("bob", port: port);
        await ana.UntilAsync("bob", ChatPeerState.KeyChanged);
        await TwoPeers.SendAsync(ana, "bob", "text");
        Assert.Equal($"the key of bob has changed (another key answers: {bob.Server.Fingerprint})", Assert.Single(ana.ReadOutbox(null, TwoPeers.Patience)).Reason);
    }

    [Fact]
    public async Task The_peer_has_not_answered()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync(proxied: true);
        peers.Hold(toBob: true);
        ChatMessage message = await peers.SendAsync("text");
        await peers.UntilAsync(message, ChatMessageState.Sent);
        Assert.Equal("bob has not confirmed it yet", Assert.Single(peers.Outbox).Reason);
    }
}
