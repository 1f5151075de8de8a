using Microsoft.Data.Sqlite;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Tests.Conversations;

public class RemovalTests
{
    [Fact]
    public async Task What_was_not_sent_is_withdrawn_and_never_leaves()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.StopBobAsync();
        ChatMessage one = await peers.SendAsync("one");
        ChatMessage two = await peers.SendAsync("two");
        ChatMessage three = await peers.SendAsync("three");
        ChatMessage four = await peers.SendAsync("four");
        Task<ChatMessage> waiting = peers.Ana.WaitForStateAsync(two, ChatMessageState.Sent, TwoPeers.Patience);

        Assert.Equal([ChatRemoval.Withdrawn, ChatRemoval.Withdrawn], await peers.Ana.RemoveAsync([two, four], TwoPeers.Patience));
        Assert.Equal(ChatRemoval.NotFound, await peers.RemoveAsync(two));
        Assert.Equal(ChatErrorId.DeliveryFailed, (await Assert.ThrowsAsync<ChatException>(() => waiting)).ErrorId);
        Assert.Equal(2, peers.Queued);
        await peers.RestartAnaAsync();
        Assert.Equal(2, peers.Queued);

        await peers.StartBobAsync();
        await TwoPeers.UntilAsync(() => peers.Queued == 0);
        ChatMessage five = await peers.DeliverAsync("five");
        Assert.Equal(["one", "three", "five"], peers.BobsTexts);
        Assert.Equal(ChatMessageState.Delivered, peers.Now(one).State);
        Assert.Equal(ChatMessageState.Delivered, peers.Now(three).State);
        Assert.True(five.Index > four.Index);
    }

    [Fact]
    public async Task What_was_delivered_is_removed_here_only()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        ChatMessage message = await peers.DeliverAsync("text");
        Assert.Equal(ChatRemoval.Removed, await peers.RemoveAsync(message));
        Assert.Empty(peers.Ana.ReadMessages(new MessageQuery(), TwoPeers.Patience));
        Assert.Equal(["text"], peers.BobsTexts);
        await peers.RestartAnaAsync();
        ChatMessage next = await peers.DeliverAsync("next");
        Assert.True(next.Index > message.Index, "a number is not given out twice");
    }

    [Fact]
    public async Task Unread_counts_follow_what_is_removed()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.DeliverAsync("one");
        await peers.DeliverAsync("two");
        await peers.DeliverAsync("three");
        List<ChatMessage> inbox = TwoPeers.Inbox(peers.Bob);
        await peers.Bob.MarkReadAsync([inbox[0]], TwoPeers.Patience);
        Assert.Equal([ChatRemoval.Removed, ChatRemoval.Removed], await peers.Bob.RemoveAsync([inbox[0], inbox[1]], TwoPeers.Patience));
        Assert.Equal(1, peers.Bob.GetPeers().Single().Unread);
        await peers.StopBobAsync();
        await peers.StartBobAsync();
        Assert.Equal(1, peers.Bob.GetPeers().Single().Unread);
        Assert.Equal(["three"], peers.BobsTexts);
    }

    [Fact]
    public async Task What_was_sent_and_not_confirmed_may_have_arrived()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync(proxied: true);
        await peers.DeliverAsync("before");
        peers.Hold(toBob: false);
        ChatMessage flying = await peers.SendAsync("flying");
        ChatMessage lost = await peers.SendAsync("lost");
        await peers.UntilAsync(lost, ChatMessageState.Sent);
        Assert.Equal(ChatRemoval.MayHaveArrived, await peers.RemoveAsync(flying));
        await TwoPeers.UntilAsync(() => peers.BobsTexts.Contains("lost"));
        await peers.StopBobAsync();
        peers.Cut();
        Assert.Equal(ChatRemoval.MayHaveArrived, await peers.RemoveAsync(lost));
        Assert.Equal(0, peers.Queued);
        await peers.StartBobAsync();
        await peers.DeliverAsync("after");
        Assert.Equal(["before", "flying", "lost", "after"], peers.BobsTexts);
    }

    [Fact]
    public async Task However_a_withdrawal_meets_the_sender_it_says_the_truth()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        string bob = peers.Ana.GetPeers().Single().Fingerprint;
        ChatSender sender = peers.Ana.OpenSender();
        List<(Guid Id, ChatRemoval Result)> results = [];
        for (int round = 0; round < 40; round++)
        {
            List<ChatMessage> batch = [];
            for (int i = 0; i < 100; i++)
            {
                batch.Add(await sender.QueueAsync(bob, "text", null, TwoPeers.Patience));
            }

            List<ChatMessage> some = [.. batch.Where((_, i) => i % 3 != 0)];
            IReadOnlyList<ChatRemoval> removals = await peers.Ana.RemoveAsync(some, TwoPeers.Patience);
            results.AddRange(some.Zip(removals, (message, removal) => (message.Id, removal)));
        }

        await peers.DeliverAsync("end");
        HashSet<Guid> arrived = [.. TwoPeers.Inbox(peers.Bob).Select(message => message.Id)];
        Assert.DoesNotContain(results, result => result.Result == ChatRemoval.Withdrawn && arrived.Contains(result.Id));
        Assert.DoesNotContain(results, result => result.Result == ChatRemoval.Removed && !arrived.Contains(result.Id));
        Assert.Equal(40 * 34, arrived.Count(id => !results.Any(result => result.Id == id)) - 1);
        Assert.Equal(0, peers.Queued);
    }

    [Fact]
    public async Task The_outbox_says_what_each_message_waits_for()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.DeliverAsync("there");
        Assert.Empty(peers.Outbox);
        await peers.StopBobAsync();
        await peers.SendAsync("waits");
        ChatMessage message = Assert.Single(peers.Outbox);
        Assert.Equal(("waits", ChatMessageState.Queued), (message.Text, message.State));
        Assert.Matches(@"^bob is not connected since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d: ", message.Reason);
        await peers.RestartAnaAsync();
        Assert.StartsWith("bob is not connected since", Assert.Single(peers.Outbox).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removal_on_a_full_disk_says_that_nothing_was_removed()
    {
        MessageRemoval removal = new([]);
        removal.Failed(ChatErrors.FromStore("here", new SqliteException("full", 13)));
        ChatException error = await Assert.ThrowsAsync<ChatException>(() => removal.Done);
        Assert.Equal((ChatErrorId.DiskFull, "The disk that holds here is full. To remove takes a little room as well: nothing was removed."), (error.ErrorId, error.Message));
    }
}
