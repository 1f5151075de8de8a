using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Trust;

public sealed class KeyChangeTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    private string AnaPath => Path.Combine(_root, "ana");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Another_key_at_a_known_address_is_an_error_with_both_fingerprints_and_nothing_is_sent()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        (ChatEngine bob, string old) = await ReplacedAsync(ana);
        await using (bob)
        {
            ChatException error = await Assert.ThrowsAsync<ChatException>(() => ana.DialAsync(bob));

            Assert.Equal(ChatErrorId.KeyChanged, error.ErrorId);
            Assert.Contains(old, error.Message, StringComparison.Ordinal);
            Assert.Contains(bob.Server.Fingerprint, error.Message, StringComparison.Ordinal);
            ChatPeer peer = Assert.Single(ana.GetPeers());
            Assert.Equal((ChatPeerState.KeyChanged, 2, old, bob.Server.Fingerprint), (peer.State, peer.Queued, peer.Fingerprint, peer.NewFingerprint));
            Assert.NotEqual(peer.SafetyNumber, peer.NewSafetyNumber);
            Assert.Empty(bob.GetPeers());
        }
    }

    [Fact]
    public async Task The_fingerprint_of_the_new_key_does_not_get_around_the_approval()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        (ChatEngine bob, _) = await ReplacedAsync(ana);
        await using (bob)
        {
            Assert.Equal(ChatErrorId.KeyChanged, await Party.ErrorOfAsync(() => ana.DialAsync(bob, bob.Server.Fingerprint)));
            Assert.Single(ana.GetPeers());
        }
    }

    [Fact]
    public async Task An_approved_new_key_gets_the_queued_messages_under_the_old_name_unverified()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        (ChatEngine bob, string old) = await ReplacedAsync(ana, verified: true);
        await using (bob)
        {
            ChatPeer changed = await ana.UntilAsync("bob", ChatPeerState.KeyChanged);
            Assert.Equal(ChatTrust.Verified, changed.Trust);
            ChatMessage queued = ana.ReadMessages(new MessageQuery(), TwoPeers.Patience).Last();

            await ana.ApproveAsync(old, ana.FindPeer(old)?.NewFingerprint, null, TwoPeers.Patience);

            await bob.UntilReceivedAsync(2);
            Assert.Equal(["two", "three"], bob.Texts());
            ChatPeer peer = Assert.Single(ana.GetPeers());
            Assert.Equal(("bob", bob.Server.Fingerprint, ChatTrust.Unverified, null), (peer.Name, peer.Fingerprint, peer.Trust, peer.NewFingerprint));
            Assert.Equal(changed.NewSafetyNumber, peer.SafetyNumber);
            Assert.Equal(peer.SafetyNumber, bob.Peer("ana").SafetyNumber);
            // What a script held before the approval still leads to its message.
            await ana.WaitForStateAsync(queued, ChatMessageState.Delivered, TwoPeers.Patience);
            await WireTests.DeliverAsync(bob, "ana", "back");
            Assert.Equal(["back"], ana.Texts());
        }
    }

    [Fact]
    public async Task The_safety_number_of_the_new_key_approves_and_verifies_and_any_other_changes_nothing()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        (ChatEngine bob, string old) = await ReplacedAsync(ana);
        await using (bob)
        {
            ChatPeer changed = await ana.UntilAsync("bob", ChatPeerState.KeyChanged);
            Assert.Equal(ChatErrorId.FingerprintMismatch, await Party.ErrorOfAsync(() => ana.ApproveAsync(old, ana.FindPeer(old)?.NewFingerprint, changed.SafetyNumber, TwoPeers.Patience)));
            Assert.Equal(ChatErrorId.KeyChanged, await Party.ErrorOfAsync(() => ana.ConfirmAsync(old, changed.NewSafetyNumber!, TwoPeers.Patience)));
            Assert.Equal((ChatPeerState.KeyChanged, old, ChatTrust.Unverified), (ana.Peer("bob").State, ana.Peer("bob").Fingerprint, ana.Peer("bob").Trust));

            await ana.ApproveAsync(old, ana.FindPeer(old)?.NewFingerprint, changed.NewSafetyNumber!.Replace(" ", "", StringComparison.Ordinal), TwoPeers.Patience);

            await bob.UntilReceivedAsync(2);
            Assert.Equal(ChatTrust.Verified, ana.Peer("bob").Trust);
        }
    }

    [Fact]
    public async Task An_approval_outlives_the_server_and_the_old_key_is_the_stranger_then()
    {
        string bobPath = Path.Combine(_root, "bob");
        int port;
        int anaPort;
        await using (ChatEngine ana = await Party.StartAsync("ana", path: AnaPath))
        {
            anaPort = ana.Server.Port;
            (ChatEngine bob, string old) = await ReplacedAsync(ana, firstPath: bobPath);
            await using (bob)
            {
                await ana.UntilAsync("bob", ChatPeerState.KeyChanged);
                await ana.ApproveAsync(old, ana.FindPeer(old)?.NewFingerprint, null, TwoPeers.Patience);
                await bob.UntilReceivedAsync(2);
                port = bob.Server.Port;
            }
        }

        await using ChatEngine again = await Party.StartAsync("ana", path: AnaPath, port: anaPort);
        await using ChatEngine oldBob = await Party.StartAsync("bob", path: bobPath, port: port);
        ChatPeer peer = await again.UntilAsync("bob", ChatPeerState.KeyChanged);
        Assert.Equal(oldBob.Server.Fingerprint, peer.NewFingerprint);
        await again.UntilAsync(() => again.GetPeers().Count == 2); // the old one dials us, as somebody else
        Assert.StartsWith("bob~", again.GetPeers().Single(other => other.Fingerprint == oldBob.Server.Fingerprint).Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_of_the_new_key_becomes_the_peer_with_its_conversation()
    {
        // Bob has only seen where ana listens; ana comes back with another store and dials first.
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Request);
        int port;
        string old;
        await using (ChatEngine ana = await Party.StartAsync("ana"))
        {
            (port, old) = (ana.Server.Port, ana.Server.Fingerprint);
            await ana.DialAsync(bob);
            await bob.UntilAsync("ana", ChatPeerState.Requested);
            await bob.ApproveAsync(old, bob.FindPeer(old)?.NewFingerprint, null, TwoPeers.Patience);
            await bob.UntilAsync("ana", ChatPeerState.Online);
        }

        await TwoPeers.SendAsync(bob, "ana", "are you there?");
        await using ChatEngine newAna = await Party.StartAsync("ana", port: port);
        await newAna.DialAsync(bob);
        ChatPeer changed = await bob.UntilAsync("ana", ChatPeerState.KeyChanged);
        Assert.Equal(newAna.Server.Fingerprint, changed.NewFingerprint);
        await bob.UntilAsync(() => bob.GetPeers().Count == 2);

        await bob.ApproveAsync(old, bob.FindPeer(old)?.NewFingerprint, null, TwoPeers.Patience);

        await newAna.UntilReceivedAsync(1);
        ChatPeer peer = Assert.Single(bob.GetPeers());
        Assert.Equal(("ana", newAna.Server.Fingerprint), (peer.Name, peer.Fingerprint));
    }

    [Fact]
    public async Task A_key_that_another_known_peer_has_never_takes_over()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        int port;
        string old;
        await using (ChatEngine bob = await Party.StartAsync("bob"))
        {
            (port, old) = (bob.Server.Port, bob.Server.Fingerprint);
            await ana.DialAsync(bob);
        }

        string carolPath = Path.Combine(_root, "carol");
        await using (ChatEngine carol = await Party.StartAsync("carol", path: carolPath))
        {
            await ana.DialAsync(carol);
        }

        await TwoPeers.SendAsync(ana, "bob", "for bob only");
        await using ChatEngine carolMoved = await Party.StartAsync("carol", path: carolPath, port: port);
        await ana.UntilAsync("bob", ChatPeerState.KeyChanged);

        Assert.Equal(ChatErrorId.PeerAlreadyKnown, await Party.ErrorOfAsync(() => ana.ApproveAsync(old, ana.FindPeer(old)?.NewFingerprint, null, TwoPeers.Patience)));

        Assert.Equal((ChatPeerState.KeyChanged, 1, old), (ana.Peer("bob").State, ana.Peer("bob").Queued, ana.Peer("bob").Fingerprint));
        await ana.UntilAsync("carol", ChatPeerState.Online); // carol dials us from her new address
        await WireTests.DeliverAsync(ana, "carol", "hello carol");
        Assert.Equal(["hello carol"], carolMoved.Texts());
    }

    [Fact]
    public async Task The_known_key_that_comes_back_ends_the_alarm()
    {
        string bobPath = Path.Combine(_root, "bob");
        await using ChatEngine ana = await Party.StartAsync("ana");
        (ChatEngine impostor, string old) = await ReplacedAsync(ana, firstPath: bobPath);
        await using (impostor)
        {
            await ana.UntilAsync("bob", ChatPeerState.KeyChanged);
            await using ChatEngine bob = await Party.StartAsync("bob", path: bobPath); // elsewhere; it dials ana
            await bob.UntilReceivedAsync(2 + 1);
            ChatPeer peer = Assert.Single(ana.GetPeers());
            Assert.Equal((ChatPeerState.Online, old, null), (peer.State, peer.Fingerprint, peer.NewFingerprint));
            Assert.Empty(TwoPeers.Inbox(impostor));
        }
    }

    // Ana knows bob and has delivered "one"; then another bob listens at his address, and "two" and "three" wait for the first.
    private static async Task<(ChatEngine Bob, string OldFingerprint)> ReplacedAsync(ChatEngine ana, bool verified = false, string? firstPath = null)
    {
        int port;
        string old;
        await using (ChatEngine bob = await Party.StartAsync("bob", path: firstPath))
        {
            (port, old) = (bob.Server.Port, bob.Server.Fingerprint);
            await ana.DialAsync(bob);
            await WireTests.DeliverAsync(ana, "bob", "one");
            if (verified)
            {
                await ana.ConfirmAsync(old, ana.Peer("bob").SafetyNumber, TwoPeers.Patience);
            }
        }

        await ana.UntilAsync("bob", ChatPeerState.Offline);
        await TwoPeers.SendAsync(ana, "bob", "two");
        await TwoPeers.SendAsync(ana, "bob", "three");
        return (await Party.StartAsync("bob", port: port), old);
    }
}
