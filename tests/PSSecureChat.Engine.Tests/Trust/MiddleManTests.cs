using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Trust;

public class MiddleManTests
{
    [Fact]
    public async Task At_first_contact_he_reads_along_and_the_safety_numbers_tell()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using MiddleMan mallory = new(bob.Server.Port);
        await ana.DialAsync(mallory.Port);
        await WireTests.DeliverAsync(ana, "bob", "our secret");
        Assert.Equal(["our secret"], bob.Texts());
        Assert.True(mallory.Read > 0);

        // This is why a first contact is shown as Unverified.
        Assert.Equal((ChatTrust.Unverified, ChatTrust.Unverified), (ana.Peer("bob").Trust, bob.Peer("ana").Trust));
        Assert.NotEqual(ana.Peer("bob").SafetyNumber, bob.Peer("ana").SafetyNumber);
        Assert.Equal(ChatErrorId.FingerprintMismatch, await Party.ErrorOfAsync(() => ana.ConfirmAsync(mallory.Front, bob.Peer("ana").SafetyNumber, TwoPeers.Patience)));
        Assert.Equal(ChatErrorId.FingerprintMismatch, await Party.ErrorOfAsync(() => bob.ConfirmAsync(mallory.Back, ana.Peer("bob").SafetyNumber, TwoPeers.Patience)));
        Assert.Equal((ChatTrust.Unverified, ChatTrust.Unverified), (ana.Peer("bob").Trust, bob.Peer("ana").Trust));
    }

    [Fact]
    public async Task A_fingerprint_that_was_given_refuses_him_before_he_learns_who_dials()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using MiddleMan mallory = new(bob.Server.Port);
        Assert.Equal(ChatErrorId.FingerprintMismatch, await Party.ErrorOfAsync(() => ana.DialAsync(mallory.Port, bob.Server.Fingerprint)));
        Assert.Empty(ana.GetPeers());
        Assert.Empty(bob.GetPeers());
        Assert.Equal(0, mallory.Read);
    }

    [Fact]
    public async Task A_pinned_peer_refuses_him_and_keeps_its_messages()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        string folder = Directory.CreateTempSubdirectory("pssc-").FullName;
        try
        {
            int port;
            await using (ChatEngine bob = await Party.StartAsync("bob", path: folder))
            {
                port = bob.Server.Port;
                await ana.DialAsync(bob);
                await bob.UntilAsync("ana", ChatPeerState.Online);
                await bob.BlockAsync(ana.Server.Fingerprint, TwoPeers.Patience); // so that it does not dial her from elsewhere
            }

            // Bob's server listens elsewhere now, and he where it was.
            await using ChatEngine moved = await Party.StartAsync("bob", path: folder);
            await using MiddleMan mallory = new(moved.Server.Port, port);
            await TwoPeers.SendAsync(ana, "bob", "our secret");
            ChatException error = await Assert.ThrowsAsync<ChatException>(async () =>
            {
                await ana.UntilAsync("bob", ChatPeerState.KeyChanged);
                await ana.DialAsync(mallory.Port);
            });
            Assert.Equal(ChatErrorId.KeyChanged, error.ErrorId);
            ChatPeer peer = ana.Peer("bob");
            Assert.Equal((1, mallory.Front), (peer.Queued, peer.NewFingerprint));
            Assert.NotEqual(moved.Peer("ana").SafetyNumber, peer.NewSafetyNumber);
            Assert.Empty(moved.Texts());
            Assert.Equal(0, mallory.Read);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task An_invitation_leaves_him_no_way_in_and_stays_good()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using MiddleMan mallory = new(bob.Server.Port);
        string detour = await bob.InviteAsync(["127.0.0.1"], mallory.Port, TimeSpan.FromHours(1), TwoPeers.Patience);
        Assert.Equal(ChatErrorId.InvitationRefused, await Party.ErrorOfAsync(() => ana.ConnectAsync(detour, null, null, TwoPeers.Patience)));
        Assert.Empty(bob.GetPeers());
        Assert.Empty(ana.GetPeers());

        // One who only passes the bytes on is the network itself.
        await using TestProxy proxy = new(bob.Server.Port);
        string straight = await bob.InviteAsync(["127.0.0.1"], proxy.Port, TimeSpan.FromHours(1), TwoPeers.Patience);
        await ana.ConnectAsync(straight, null, null, TwoPeers.Patience);
        Assert.Equal(ana.Peer("bob").SafetyNumber, bob.Peer("ana").SafetyNumber);
    }
}
