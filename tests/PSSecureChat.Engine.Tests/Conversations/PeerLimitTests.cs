using System.Globalization;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Trust;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>What one peer may make another keep: one below each limit, at it, and one above.</summary>
public sealed class PeerLimitTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    private string AnaPath => Path.Combine(_root, "ana");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    public Task So_many_messages_wait_for_one_peer(int messages, int stored) =>
        FillOutboxAsync(Party.Quick with { OutboxMessages = 3 }, Enumerable.Repeat("text", messages), stored);

    [Theory]
    [InlineData(9, 2)]
    [InlineData(10, 2)]
    [InlineData(11, 1)]
    public Task So_many_bytes_wait_for_one_peer(int bytes, int stored) =>
        FillOutboxAsync(Party.Quick with { OutboxBytes = 10 }, ["12é45", new string('x', bytes - 6)], stored);

    [Fact]
    public async Task A_full_outbox_has_room_again_when_something_is_withdrawn_and_also_counts_after_a_restart()
    {
        Limits limits = Party.Quick with { OutboxMessages = 3, OutboxBytes = 100 };
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using (ChatEngine ana = await Party.StartAsync("ana", path: AnaPath, limits: limits))
        {
            await ana.DialAsync(bob);
            await ana.DisconnectAsync(bob.Server.Fingerprint);
            ChatMessage first = await TwoPeers.SendAsync(ana, "bob", new string('a', 60));
            await TwoPeers.SendAsync(ana, "bob", new string('b', 40));
            Assert.Equal(ChatErrorId.OutboxFull, await Party.ErrorOfAsync(() => TwoPeers.SendAsync(ana, "bob", "c")));
            await ana.RemoveAsync([first], TwoPeers.Patience);
            await TwoPeers.SendAsync(ana, "bob", new string('c', 60));
            Assert.Equal(ChatErrorId.OutboxFull, await Party.ErrorOfAsync(() => TwoPeers.SendAsync(ana, "bob", "d")));
            await bob.StopAsync();
        }

        await using ChatEngine again = await Party.StartAsync("ana", path: AnaPath, limits: limits with { OutboxBytes = 103 });
        await TwoPeers.SendAsync(again, "bob", "333");
        Assert.Equal(ChatErrorId.OutboxFull, await Party.ErrorOfAsync(() => TwoPeers.SendAsync(again, "bob", "")));
        Assert.Equal(3, again.Peer("bob").Queued);
    }

    [Fact]
    public async Task What_was_delivered_leaves_room_in_the_outbox()
    {
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using ChatEngine ana = await Party.StartAsync("ana", limits: Party.Quick with { OutboxMessages = 2, OutboxBytes = 8 });
        await ana.DialAsync(bob);
        for (int i = 0; i < 20; i++)
        {
            await WireTests.DeliverAsync(ana, "bob", "12345678");
        }

        Assert.Equal(20, bob.Texts().Length);
    }

    [Fact]
    public async Task Many_who_send_at_once_never_go_beyond_the_limit()
    {
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using ChatEngine ana = await Party.StartAsync("ana", limits: Party.Quick with { OutboxMessages = 500 });
        await ana.DialAsync(bob);
        await ana.DisconnectAsync(bob.Server.Fingerprint);
        int refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            ChatSender sender = ana.OpenSender();
            for (int i = 0; i < 100; i++)
            {
                try
                {
                    await sender.QueueAsync(bob.Server.Fingerprint, "text", null, TwoPeers.Patience);
                }
                catch (ChatException e) when (e.ErrorId == ChatErrorId.OutboxFull)
                {
                    Interlocked.Increment(ref refused);
                }
            }

            await sender.FlushAsync(TwoPeers.Patience);
        })));
        Assert.Equal((300, 500), (refused, ana.Peer("bob").Queued));
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    [InlineData(5, 4)]
    [InlineData(50, 4)]
    public Task So_many_unread_messages_of_one_peer_are_taken(int messages, int taken) =>
        FillInboxAsync(Party.Quick with { InboxMessages = 4 }, [.. Enumerable.Range(0, messages).Select(i => $"text {i}")], taken);

    [Theory]
    [InlineData(9, 2)]
    [InlineData(10, 2)]
    [InlineData(11, 1)]
    public Task So_many_unread_bytes_of_one_peer_are_taken(int bytes, int taken) =>
        FillInboxAsync(Party.Quick with { InboxBytes = 10 }, ["12é45", new string('x', bytes - 6)], taken);

    [Fact]
    public async Task A_full_inbox_is_still_full_after_a_restart_and_removing_makes_room_as_reading_does()
    {
        Limits limits = Party.Quick with { InboxBytes = 12 };
        await using ChatEngine bob = await Party.StartAsync("bob");
        int port;
        await using (ChatEngine ana = await Party.StartAsync("ana", path: AnaPath, limits: limits))
        {
            port = ana.Server.Port;
            await bob.DialAsync(ana);
            await WireTests.DeliverAsync(bob, "ana", "123456");
        }

        await using ChatEngine again = await Party.StartAsync("ana", path: AnaPath, port: port, limits: limits);
        ChatMessage more = await TwoPeers.SendAsync(bob, "ana", "1234567");
        await again.UntilAsync(() => again.Peer("bob").Reason is string reason && reason.Contains("fill the inbox", StringComparison.Ordinal));
        Assert.Single(again.Texts());

        await again.RemoveAsync(TwoPeers.Inbox(again), TwoPeers.Patience);

        await bob.WaitForStateAsync(more, ChatMessageState.Delivered, TwoPeers.Patience);
        Assert.Equal(["1234567"], again.Texts());
    }

    [Fact]
    public async Task What_we_send_still_arrives_at_a_peer_whose_messages_fill_our_inbox()
    {
        await using ChatEngine ana = await Party.StartAsync("ana", limits: Party.Quick with { InboxMessages = 1 });
        await using ChatEngine bob = await Party.StartAsync("bob");
        await bob.DialAsync(ana);
        await TwoPeers.SendAsync(bob, "ana", "one");
        await TwoPeers.SendAsync(bob, "ana", "two");
        await bob.UntilAsync(() => bob.Peer("ana").Reason == "its inbox is full");
        await WireTests.DeliverAsync(ana, "bob", "please wait");
        Assert.Equal(["please wait"], bob.Texts());
        Assert.Equal(["one"], ana.Texts());
    }

    [Fact]
    public async Task A_peer_that_does_not_listen_to_it_gets_no_more_into_a_full_inbox()
    {
        await using ChatEngine ana = await Party.StartAsync("ana", limits: Party.Quick with { InboxMessages = 3 });
        using IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        await using RawPeer raw = await RawPeer.DialAsync(ana.Server.Port, identity);
        await raw.FlowAsync();
        for (int i = 1; i <= 20; i++)
        {
            if (await Record.ExceptionAsync(() => raw.SendAsync(i, "flood")) is not null)
            {
                break; // ana has hung up
            }
        }

        List<object> answers = await raw.UntilEndAsync();
        Assert.All(answers.OfType<AckFrame>(), ack => Assert.True(ack.Sequence <= 3));
        Assert.Contains(new CloseFrame(CloseReason.InboxFull), answers);
        Assert.Equal(3, ana.Texts().Length);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    public async Task So_many_conversations_one_identity_begins_at_once(int connections, int begun)
    {
        await using ChatEngine ana = await Party.StartAsync("ana", limits: Party.Quick with { ConversationsPerPeer = 0, ConversationsPerPeerBurst = 3 });
        using IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        await using (RawPeer first = await RawPeer.DialAsync(ana.Server.Port, identity))
        {
            await first.FlowAsync(); // as a stranger, who has no limit of its own yet
        }

        int hellos = 0;
        for (int i = 0; i < connections; i++)
        {
            await using RawPeer raw = await RawPeer.DialAsync(ana.Server.Port, identity);
            await raw.PingAsync();
            hellos += await Record.ExceptionAsync(() => raw.UntilAsync(RawPeer.IsHello)) is null ? 1 : 0;
        }

        Assert.Equal(begun, hellos);
    }

    [Fact]
    public void The_bytes_that_wait_are_right_whatever_is_acknowledged_and_retired_in_between()
    {
        Random random = new(20261122);
        for (int round = 0; round < 200; round++)
        {
            PeerRecord peer = new() { Id = 1, Identity = null!, Label = "bob", Standing = PeerStanding.Accepted };
            SortedDictionary<long, int> waiting = [];
            for (int step = 0; step < 60; step++)
            {
                int many = random.Next(1, 600);
                switch (random.Next(3))
                {
                    case 0:
                        for (; many > 0; many--)
                        {
                            int bytes = random.Next(0, 3000);
                            Assert.True(peer.Waiting.TryReserve(bytes, Limits.Default));
                            peer.WorkingOutBytes += bytes;
                            waiting.Add(++peer.WorkingOut, bytes);
                        }

                        peer.Publish();
                        break;
                    case 1 when waiting.Count > 0:
                        long upTo = waiting.Keys.ElementAt(Math.Min(many, waiting.Count) - 1);
                        peer.Acknowledge(upTo);
                        foreach (long number in waiting.Keys.Where(number => number <= upTo).ToArray())
                        {
                            waiting.Remove(number);
                        }

                        break;
                    case 2 when waiting.Count > 0:
                        long one = waiting.Keys.ElementAt(random.Next(waiting.Count));
                        waiting.Remove(one, out int its);
                        peer.Retire(one, its);
                        peer.Retire(one, its); // once is enough
                        break;
                }

                // An acknowledgement inside a stretch is exact in messages, and off by less than the stretch in bytes.
                (long messages, long total) = peer.Waiting.Now;
                Assert.Equal(waiting.Count, messages);
                Assert.InRange(total - waiting.Values.Sum(static bytes => (long)bytes), -2_000_000, 2_000_000);
            }

            peer.Acknowledge(peer.OutStored);
            Assert.Equal((0L, 0L), peer.Waiting.Now);
        }
    }

    private static async Task FillOutboxAsync(Limits limits, IEnumerable<string> texts, int stored)
    {
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using ChatEngine ana = await Party.StartAsync("ana", limits: limits);
        await ana.DialAsync(bob);
        await ana.DisconnectAsync(bob.Server.Fingerprint);
        ChatSender sender = ana.OpenSender();
        int accepted = 0;
        foreach (string text in texts)
        {
            try
            {
                await sender.QueueAsync(bob.Server.Fingerprint, text, null, TwoPeers.Patience);
                accepted++;
            }
            catch (ChatException e)
            {
                Assert.Equal((ChatErrorId.OutboxFull, "bob"), (e.ErrorId, e.Target));
                Assert.Contains("'bob'", e.Message, StringComparison.Ordinal);
                Assert.Contains("Remove-ChatMessage", e.Recommendation, StringComparison.Ordinal);
            }
        }

        await sender.FlushAsync(TwoPeers.Patience);
        Assert.Equal((stored, stored, stored), (accepted, ana.Peer("bob").Queued, ana.ReadOutbox(null, TwoPeers.Patience).Count()));
    }

    private static async Task FillInboxAsync(Limits limits, string[] texts, int taken)
    {
        await using ChatEngine ana = await Party.StartAsync("ana", limits: limits);
        await using ChatEngine bob = await Party.StartAsync("bob");
        await bob.DialAsync(ana);
        ChatSender sender = bob.OpenSender();
        ChatMessage? last = null;
        foreach (string text in texts)
        {
            last = await sender.QueueAsync(ana.Server.Fingerprint, text, null, TwoPeers.Patience);
        }

        await sender.FlushAsync(TwoPeers.Patience);
        if (taken == texts.Length)
        {
            await bob.WaitForStateAsync(last!, ChatMessageState.Delivered, TwoPeers.Patience);
            Assert.Null(ana.Peer("bob").Reason);
            return;
        }

        await bob.UntilAsync(() => bob.ReadOutbox(null, TwoPeers.Patience).Select(message => message.Reason).Distinct().SequenceEqual(["the inbox of ana is full: it takes no more until its user has read some"]));
        Assert.Equal(texts[..taken], ana.Texts());
        Assert.Equal(texts[taken..], bob.ReadOutbox(null, TwoPeers.Patience).Select(message => message.Text));
        Assert.Equal(texts.Length - taken, bob.Peer("ana").Queued);
        Assert.Equal("its messages fill the inbox here; when some are read or removed, it goes on", ana.Peer("bob").Reason);

        while (ana.Texts().Length < texts.Length)
        {
            int before = ana.Texts().Length;
            await ana.MarkReadAsync(TwoPeers.Inbox(ana), TwoPeers.Patience);
            await ana.UntilReceivedAsync(before + 1);
        }

        await bob.WaitForStateAsync(last!, ChatMessageState.Delivered, TwoPeers.Patience);
        Assert.Equal(texts, ana.Texts());
    }
}
