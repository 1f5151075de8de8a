using PSSecureChat.Engine;

namespace PSSecureChat.Engine.Tests.Conversations;

public class ConversationTests
{
    [Fact]
    public async Task Two_peers_talk_both_ways_after_one_dialled()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        ChatMessage question = await TwoPeers.SendAsync(peers.Ana, "bob", "Grüße 😀 שלום");
        await peers.Ana.WaitForStateAsync(question, ChatMessageState.Delivered, TwoPeers.Patience);
        ChatMessage answer = await TwoPeers.SendAsync(peers.Bob, "ana", "hi");
        await peers.Bob.WaitForStateAsync(answer, ChatMessageState.Delivered, TwoPeers.Patience);

        ChatMessage received = Assert.Single(TwoPeers.Inbox(peers.Bob));
        Assert.Equal(("Grüße 😀 שלום", "ana", question.Id), (received.Text, received.From, received.Id));
        Assert.Equal("hi", Assert.Single(TwoPeers.Inbox(peers.Ana)).Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_000)]
    [InlineData(65_280)]
    [InlineData(65_281)]
    [InlineData(1024 * 1024)]
    public async Task A_text_of_any_size_up_to_the_limit_arrives_unchanged(int length)
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        string text = string.Create(length, 0, (span, _) => { for (int i = 0; i < span.Length; i++) span[i] = (char)(i % 7 == 0 ? 0 : 'a' + (i % 26)); });
        ChatMessage message = await TwoPeers.SendAsync(peers.Ana, "bob", text);
        await peers.Ana.WaitForStateAsync(message, ChatMessageState.Delivered, TwoPeers.Patience);
        Assert.Equal(text, Assert.Single(TwoPeers.Inbox(peers.Bob)).Text);
    }

    [Fact]
    public async Task Ten_thousand_messages_arrive_once_and_in_order()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        string bob = peers.Ana.GetPeers()[0].Fingerprint;
        ChatSender sender = peers.Ana.OpenSender();
        ChatMessage? last = null;
        for (int i = 0; i < 10_000; i++)
        {
            last = await sender.QueueAsync(bob, i.ToString(System.Globalization.CultureInfo.InvariantCulture), null, TwoPeers.Patience);
        }

        await sender.FlushAsync(TwoPeers.Patience);
        await peers.Ana.WaitForStateAsync(last!, ChatMessageState.Delivered, TwoPeers.Patience);
        Assert.Equal(Enumerable.Range(0, 10_000), TwoPeers.Inbox(peers.Bob).Select(m => int.Parse(m.Text, System.Globalization.CultureInfo.InvariantCulture)));
    }
}
