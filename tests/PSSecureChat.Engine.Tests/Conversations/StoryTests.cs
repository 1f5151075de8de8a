using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Tests.Trust;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>What is told of connections, and what whoever watches a conversation is shown.</summary>
public class StoryTests
{
    [Theory]
    [InlineData(Limits.MaxStoryLines - 1, 1)]
    [InlineData(Limits.MaxStoryLines, 1)]
    [InlineData(Limits.MaxStoryLines + 1, 2)]
    public void The_last_lines_are_kept(int told, int oldest)
    {
        Story story = new();
        for (int i = 1; i <= told; i++)
        {
            story.Tell(DateTimeOffset.UnixEpoch, $"line {i}");
        }

        IReadOnlyList<ChatStoryLine> lines = story.After(0);
        Assert.Equal(told - oldest + 1, lines.Count);
        Assert.Equal((oldest, $"line {oldest}"), ((int)lines[0].Number, lines[0].Text));
        Assert.Equal(told, lines[^1].Number);
        Assert.Equal(lines.Skip(1), story.After(oldest));
    }

    [Fact]
    public async Task A_dial_is_told_step_by_step()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob");
        List<string> told = [];
        await ana.ConnectAsync("localhost", bob.Server.Port, null, told.Add, TwoPeers.Patience);
        string[] steps = ["resolving localhost", "connecting to localhost", "connected to", $"proved the fingerprint {bob.Server.Fingerprint}", "first contact", "the handshake Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256 took", "answers as bob", "messages go on after 0 of ours and 0 of theirs"];
        Assert.Equal(steps.Length, told.Count);
        Assert.All(steps.Zip(told), static pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));

        await ana.DisconnectAsync(bob.Server.Fingerprint);
        await TwoPeers.SendAsync(ana, "bob", "one that waits");
        told.Clear();
        await ana.ConnectAsync("localhost", bob.Server.Port, bob.Server.Fingerprint, told.Add, TwoPeers.Patience);
        Assert.Contains("that is the fingerprint that was asked for", told);
        Assert.Contains(told, static line => line.StartsWith("messages go on after", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_end_and_the_attempts_after_it_are_told_later()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        string fingerprint;
        await using (ChatEngine bob = await Party.StartAsync("bob"))
        {
            fingerprint = bob.Server.Fingerprint;
            await ana.DialAsync(bob);
        }

        await ana.UntilAsync(() => ana.StoryOf(fingerprint, 0).Any(static line => line.Text.Contains("next attempt", StringComparison.Ordinal)));
        string[] texts = [.. ana.StoryOf(fingerprint, 0).Select(static line => line.Text)];
        Assert.StartsWith("we dialled 127.0.0.1:", texts[0], StringComparison.Ordinal);
        Assert.EndsWith("its server was stopped", texts[1], StringComparison.Ordinal);
        Assert.Contains("Nothing listens at", texts[2], StringComparison.Ordinal);
        Assert.Empty(ana.StoryOf("nobody", 0));
    }

    [Fact]
    public async Task A_message_is_shown_as_it_stands_now()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        await peers.Ana.DisconnectAsync(peers.Bob.Server.Fingerprint);
        await peers.Bob.UntilAsync("ana", ChatPeerState.Offline);
        ChatMessage queued = await TwoPeers.SendAsync(peers.Ana, "bob", "later");
        Assert.Equal(ChatMessageState.Queued, peers.Ana.Refresh(queued)!.State);
        await peers.Ana.ConnectAsync("127.0.0.1", peers.Bob.Server.Port, null, null, TwoPeers.Patience);
        await peers.Ana.UntilAsync(() => peers.Ana.Refresh(queued)!.State == ChatMessageState.Delivered);
        ChatMessage delivered = peers.Ana.Refresh(queued)!;
        Assert.Same(delivered, peers.Ana.Refresh(delivered));
        await peers.Ana.RemoveAsync([delivered], TwoPeers.Patience);
        Assert.Null(peers.Ana.Refresh(delivered));
    }

    [Fact]
    public async Task Whoever_watches_is_woken_and_finds_the_peer_under_its_new_key()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        int port;
        string old;
        await using (ChatEngine bob = await Party.StartAsync("bob"))
        {
            (port, old) = (bob.Server.Port, bob.Server.Fingerprint);
            await ana.DialAsync(bob);
        }

        Task change = ana.NextChange;
        await using ChatEngine other = await Party.StartAsync("bob", port: port);
        do
        {
            await change.WaitAsync(TwoPeers.Patience);
            change = ana.NextChange;
        }
        while (ana.FindPeer(old)!.State != ChatPeerState.KeyChanged);
        await ana.ApproveAsync(old, ana.FindPeer(old)?.NewFingerprint, null, TwoPeers.Patience);
        Assert.Equal(other.Server.Fingerprint, ana.FindPeer(old)!.Fingerprint);
        await ana.RemoveAsync(other.Server.Fingerprint, TwoPeers.Patience);
        Assert.Null(ana.FindPeer(other.Server.Fingerprint));
    }
}
