using PSSecureChat.Engine;

namespace PSSecureChat.Engine.Tests.Conversations;

public class ExpiryTests
{
    private static readonly TimeSpan s_life = TimeSpan.FromHours(1);

    [Fact]
    public async Task What_was_not_delivered_in_time_expires_and_never_leaves()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.StopBobAsync();
        ChatMessage late = await peers.SendAsync("late", s_life);
        ChatMessage kept = await peers.SendAsync("kept", s_life * 10);
        Assert.Equal(2, peers.Queued);
        Task<ChatMessage> waiting = peers.Ana.WaitForStateAsync(late, ChatMessageState.Delivered, TwoPeers.Patience);
        peers.Clock.Advance(s_life + TimeSpan.FromMilliseconds(1));

        ChatException failure = await Assert.ThrowsAsync<ChatException>(() => waiting);
        Assert.Equal(ChatErrorId.DeliveryFailed, failure.ErrorId);
        Assert.Contains("time ran out", failure.Message, StringComparison.Ordinal);
        Assert.Equal((ChatMessageState.Expired, "its time ran out before it was delivered"), (peers.Now(late).State, peers.Now(late).Reason));
        await TwoPeers.UntilAsync(() => peers.Queued == 1); // counted once the commit that expired it is settled

        await peers.StartBobAsync();
        await peers.Ana.WaitForStateAsync(kept, ChatMessageState.Delivered, TwoPeers.Patience);
        Assert.Equal(["kept"], peers.BobsTexts);
        Assert.Equal((ChatMessageState.Expired, ChatMessageState.Delivered), (peers.Now(late).State, peers.Now(kept).State));
        Assert.Equal(["late"], peers.Outbox.Select(message => message.Text));
        Assert.Equal(0, peers.Queued);
    }

    [Fact]
    public async Task What_expired_while_the_server_was_stopped_does_not_leave_when_it_starts()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.StopBobAsync();
        ChatMessage late = await peers.SendAsync("late", s_life);
        ChatMessage kept = await peers.SendAsync("kept");
        await peers.Ana.StopAsync();
        peers.Clock.Advance(2 * s_life);
        await peers.StartBobAsync();
        await peers.StartAnaAsync();
        await peers.Ana.WaitForStateAsync(kept, ChatMessageState.Delivered, TwoPeers.Patience);
        Assert.Equal(["kept"], peers.BobsTexts);
        Assert.Equal(ChatMessageState.Expired, peers.Now(late).State);
    }

    [Fact]
    public async Task What_was_delivered_does_not_expire()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        ChatMessage message = await peers.SendAsync("in time", s_life);
        await peers.Ana.WaitForStateAsync(message, ChatMessageState.Delivered, TwoPeers.Patience);
        Assert.Equal(message.ExpiresAt!.Value.ToUnixTimeMilliseconds(), TwoPeers.Inbox(peers.Bob).Single().ExpiresAt!.Value.ToUnixTimeMilliseconds());
        await peers.StopBobAsync();
        ChatMessage late = await peers.SendAsync("late", s_life);
        peers.Clock.Advance(2 * s_life);
        await peers.UntilAsync(late, ChatMessageState.Expired); // the sweep has been here
        Assert.Equal(ChatMessageState.Delivered, peers.Now(message).State);
        Assert.Equal(["late"], peers.Outbox.Select(found => found.Text));
        await peers.RestartAnaAsync();
        Assert.Equal(ChatMessageState.Delivered, peers.Now(message).State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whether_a_message_sent_into_a_cut_had_arrived_is_known_when_the_peer_is_back(bool arrives)
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync(proxied: true);
        await peers.DeliverAsync("before");
        peers.Hold(toBob: !arrives);
        ChatMessage message = await peers.SendAsync("perhaps", s_life);
        await peers.UntilAsync(message, ChatMessageState.Sent);
        if (arrives)
        {
            await TwoPeers.UntilAsync(() => peers.BobsTexts.Contains("perhaps"));
        }

        await peers.StopBobAsync();
        peers.Cut();
        peers.Clock.Advance(2 * s_life);
        await peers.UntilAsync(message, ChatMessageState.Expired);
        Assert.Contains("is known when bob is back", peers.Now(message).Reason, StringComparison.Ordinal);

        await peers.StartBobAsync();
        await peers.DeliverAsync("after");
        Assert.Equal(arrives ? ChatMessageState.Delivered : ChatMessageState.Expired, peers.Now(message).State);
        Assert.Equal(arrives ? ["before", "perhaps", "after"] : ["before", "after"], peers.BobsTexts);
    }

    [Fact]
    public async Task More_than_one_commit_takes_expire_together()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.StopBobAsync();
        ChatSender sender = peers.Ana.OpenSender();
        string bob = peers.Ana.GetPeers().Single().Fingerprint;
        int count = (2 * Limits.Default.ExpiryBatch) + 1;
        for (int i = 0; i < count; i++)
        {
            await sender.QueueAsync(bob, "late", null, s_life, TwoPeers.Patience);
        }

        await sender.FlushAsync(TwoPeers.Patience);
        Assert.Equal(count, peers.Queued);
        peers.Clock.Advance(2 * s_life);
        await TwoPeers.UntilAsync(() => peers.Queued == 0);
        Assert.Equal(count, peers.Outbox.Count(message => message.State == ChatMessageState.Expired));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task A_time_that_cannot_be_is_refused(long ticks)
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        ChatException error = await Assert.ThrowsAsync<ChatException>(() => peers.SendAsync("text", new TimeSpan(ticks)));
        Assert.Equal(ChatErrorId.ExpiryNotUsable, error.ErrorId);
    }
}
