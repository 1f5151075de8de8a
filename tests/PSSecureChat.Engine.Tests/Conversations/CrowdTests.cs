using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Tests.Trust;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>What all who dial a server may make it keep, together.</summary>
public class CrowdTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    public async Task So_many_large_messages_are_on_their_way_at_once(int begun, int taken)
    {
        await using ChatEngine bob = await Party.StartAsync("bob", limits: Party.Quick with { PartialFrames = 2 * 32 * 1024 });
        List<RawPeer> senders = [];
        List<IdentityKeyPair> identities = [];
        try
        {
            byte[] message = Message(30_000);
            for (int i = 0; i < begun; i++)
            {
                identities.Add(IdentityKeyPair.Generate(SystemRandomSource.Instance));
                senders.Add(await RawPeer.DialAsync(bob.Server.Port, identities[i], name: $"raw{i}"));
                await senders[i].FlowAsync();
                await senders[i].SendBytesAsync(message.AsMemory(0, 20_480));
                await TwoPeers.UntilAsync(() => bob.PartialFramesForTestingOnly == Math.Min(i + 1, 2) * 32 * 1024);
            }

            for (int i = taken; i < begun; i++)
            {
                Assert.DoesNotContain(await senders[i].UntilEndAsync(), frame => frame is CloseFrame);
            }

            for (int i = 0; i < taken; i++)
            {
                await senders[i].SendBytesAsync(message.AsMemory(20_480));
            }

            await bob.UntilReceivedAsync(taken);
            await TwoPeers.UntilAsync(() => bob.PartialFramesForTestingOnly == 0);
        }
        finally
        {
            foreach (RawPeer sender in senders)
            {
                await sender.DisposeAsync();
            }

            identities.ForEach(identity => identity.Dispose());
        }
    }

    [Fact]
    public async Task Who_finds_no_room_comes_again_and_loses_nothing()
    {
        // The largest message takes all the room there is, and somebody holds a little of it.
        await using ChatEngine bob = await Party.StartAsync("bob", limits: Party.Quick with { PartialFrames = 2 * 1024 * 1024 });
        await using ChatEngine ana = await Party.StartAsync("ana");
        await ana.DialAsync(bob);
        using IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        await using RawPeer other = await RawPeer.DialAsync(bob.Server.Port, identity);
        await other.FlowAsync();
        byte[] message = Message(30_000);
        await other.SendBytesAsync(message.AsMemory(0, 20_480));
        await TwoPeers.UntilAsync(() => bob.PartialFramesForTestingOnly > 0);

        await TwoPeers.SendAsync(ana, "bob", new string('x', Limits.MaxTextBytes));
        await TwoPeers.SendAsync(ana, "bob", "after it");
        await TwoPeers.UntilAsync(() => bob.StoryOf(ana.Server.Fingerprint, 0).Any(line => line.Text.Contains("too many large messages", StringComparison.Ordinal)));
        Assert.Empty(bob.Texts());
        await other.SendBytesAsync(message.AsMemory(20_480));
        await bob.UntilReceivedAsync(3);
        Assert.Equal([30_000], LengthsFrom(identity.PublicKey.Fingerprint));
        Assert.Equal([Limits.MaxTextBytes, 8], LengthsFrom(ana.Server.Fingerprint));
        await TwoPeers.UntilAsync(() => bob.PartialFramesForTestingOnly == 0);

        IEnumerable<int> LengthsFrom(string fingerprint) => TwoPeers.Inbox(bob).Where(message => message.PeerFingerprint == fingerprint).Select(message => message.Text.Length);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    public async Task So_many_conversations_stand_at_once(int dialling, int taken)
    {
        await using ChatEngine bob = await Party.StartAsync("bob", limits: Party.Quick with { Conversations = 2 });
        List<ChatEngine> others = [];
        for (int i = 0; i < dialling; i++)
        {
            others.Add(await Party.StartAsync($"ana{i}"));
            if (i < taken)
            {
                await others[i].DialAsync(bob);
            }
            else
            {
                Assert.Equal(ChatErrorId.ConnectionLost, await Party.ErrorOfAsync(() => others[i].DialAsync(bob)));
            }
        }

        Assert.Equal(taken, bob.GetPeers().Count);
        await WireTests.DeliverAsync(others[0], "bob", "it goes on");

        // Whom our user has asked comes in nevertheless.
        await using ChatEngine carol = await Party.StartAsync("carol");
        await carol.ConnectAsync(await bob.InviteAsync(["127.0.0.1"], null, TimeSpan.FromHours(1), TwoPeers.Patience), null, null, TwoPeers.Patience);
        await carol.DisconnectAsync(bob.Server.Fingerprint);
        await carol.DialAsync(bob);
        foreach (ChatEngine other in others)
        {
            await other.DisposeAsync();
        }
    }

    private static byte[] Message(int length)
    {
        byte[] buffer = new byte[length + FrameEncoder.MessageOverhead];
        return buffer[..FrameEncoder.EncodeMessage(1, Guid.NewGuid(), 0, new string('x', length), null, 0, ChatMessageKind.Text, buffer)];
    }
}
