using PSSecureChat.Engine;
using PSSecureChat.Engine.Tests.Store;

namespace PSSecureChat.Engine.Tests.Conversations;

public class ReadReceiptTests
{
    [Fact]
    public async Task The_sender_learns_that_a_message_was_read_where_the_reader_wants_that()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync(bobReceipts: true);
        ChatMessage message = await peers.DeliverAsync("text");
        await peers.Bob.MarkReadAsync(TwoPeers.Inbox(peers.Bob), TwoPeers.Patience);
        ChatMessage read = await peers.Ana.WaitForStateAsync(message, ChatMessageState.Read, TwoPeers.Patience);
        Assert.Equal(ChatMessageState.Read, read.State);
        await peers.RestartAnaAsync();
        Assert.Equal(ChatMessageState.Read, peers.Now(message).State);
    }

    [Fact]
    public async Task Without_that_wish_nobody_learns_it()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        ChatMessage message = await peers.DeliverAsync("text");
        await peers.Bob.MarkReadAsync(TwoPeers.Inbox(peers.Bob), TwoPeers.Patience);
        await TwoPeers.UntilAsync(() => peers.Bob.GetPeers().Single().Unread == 0);
        await WireTests.DeliverAsync(peers.Bob, "ana", "would come behind a receipt");
        Assert.Equal(ChatMessageState.Delivered, peers.Now(message).State);
    }

    [Fact]
    public async Task What_is_read_while_the_sender_is_away_is_told_when_it_is_back()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync(bobReceipts: true);
        ChatMessage message = await peers.DeliverAsync("text");
        await peers.Ana.StopAsync();
        await peers.Bob.MarkReadAsync(TwoPeers.Inbox(peers.Bob), TwoPeers.Patience);
        await peers.Bob.StopAsync();
        await peers.StartBobAsync();
        await peers.StartAnaAsync();
        await peers.UntilAsync(message, ChatMessageState.Read);
    }

    [Fact]
    public async Task A_receipt_lost_with_its_connection_is_sent_again()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync(proxied: true, bobReceipts: true);
        ChatMessage message = await peers.DeliverAsync("text");
        peers.Hold(toBob: false);
        await peers.Bob.MarkReadAsync(TwoPeers.Inbox(peers.Bob), TwoPeers.Patience);
        peers.Cut();
        await peers.Ana.WaitForStateAsync(message, ChatMessageState.Read, TwoPeers.Patience);
    }

    [Fact]
    public async Task Who_no_longer_wants_receipts_sends_none_that_waited()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync(bobReceipts: true);
        ChatMessage message = await peers.DeliverAsync("text");
        await peers.Ana.StopAsync();
        await peers.Bob.MarkReadAsync(TwoPeers.Inbox(peers.Bob), TwoPeers.Patience);
        await peers.Bob.StopAsync();
        await peers.StartBobAsync(receipts: false);
        await peers.StartAnaAsync();
        await WireTests.DeliverAsync(peers.Bob, "ana", "would come behind a receipt");
        Assert.Equal(ChatMessageState.Delivered, peers.Now(message).State);
    }

    [Fact]
    public async Task A_receipt_that_could_not_be_forgotten_holds_up_none_behind_it()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync(bobReceipts: true);
        Refusal refusal = await Refusal.OfAsync(peers.Bob, "DELETE ON receipt");
        ChatMessage first = await peers.DeliverAsync("first");
        await peers.Bob.MarkReadAsync(TwoPeers.Inbox(peers.Bob), TwoPeers.Patience);
        await peers.Ana.WaitForStateAsync(first, ChatMessageState.Read, TwoPeers.Patience);
        await TwoPeers.UntilAsync(() => refusal.Times > 0);
        refusal.End();
        ChatMessage second = await peers.DeliverAsync("second");
        await peers.Bob.MarkReadAsync([TwoPeers.Inbox(peers.Bob)[1]], TwoPeers.Patience);
        await peers.Ana.WaitForStateAsync(second, ChatMessageState.Read, TwoPeers.Patience);
        Assert.Equal(ChatPeerState.Online, peers.Bob.GetPeers().Single().State);
    }

    [Theory]
    [InlineData(Limits.MaxReadIds - 1)]
    [InlineData(Limits.MaxReadIds)]
    [InlineData(Limits.MaxReadIds + 1)]
    [InlineData(5 * Limits.MaxReadIds)]
    public async Task Any_number_of_receipts_arrives(int count)
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync(bobReceipts: true);
        ChatSender sender = peers.Ana.OpenSender();
        string bob = peers.Ana.GetPeers().Single().Fingerprint;
        ChatMessage? last = null;
        for (int i = 0; i < count; i++)
        {
            last = await sender.QueueAsync(bob, "text", null, TwoPeers.Patience);
        }

        await sender.FlushAsync(TwoPeers.Patience);
        await peers.Ana.WaitForStateAsync(last!, ChatMessageState.Delivered, TwoPeers.Patience);
        await peers.Bob.MarkReadAsync(TwoPeers.Inbox(peers.Bob), TwoPeers.Patience);
        await peers.Ana.WaitForStateAsync(last!, ChatMessageState.Read, TwoPeers.Patience);
        Assert.All(peers.Ana.ReadMessages(new MessageQuery(), TwoPeers.Patience), message => Assert.Equal(ChatMessageState.Read, message.State));
    }
}
