namespace PSSecureChat.Engine.Tests.Conversations;

public sealed class AnswerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task An_answer_that_was_given_out_is_remembered_for_so_many_questions()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        ChatMessage question = await TwoPeers.SendAsync(peers.Ana, "bob", "tea?");
        ChatSender bob = peers.Bob.OpenSender();
        await bob.QueueAsync(peers.Ana.Server.Fingerprint, "yes", question.Id, TwoPeers.Patience);
        await TwoPeers.UntilAsync(() => TwoPeers.Inbox(peers.Ana).Count == 1);
        ChatMessage answer = peers.Ana.FindAnswer(question.Id, [question.PeerFingerprint], TwoPeers.Patience)!;
        Assert.Equal("yes", answer.Text);
        Assert.Null(peers.Ana.FindAnswer(question.Id, [], TwoPeers.Patience));

        peers.Ana.AnswerGiven(question.Id, answer.Index);
        for (int i = 1; i < Limits.MaxQuestions; i++)
        {
            peers.Ana.AnswerGiven(Guid.NewGuid(), 1);
        }

        Assert.Null(peers.Ana.FindAnswer(question.Id, null, TwoPeers.Patience));
        peers.Ana.AnswerGiven(Guid.NewGuid(), 1);
        Assert.Equal("yes", peers.Ana.FindAnswer(question.Id, null, TwoPeers.Patience)?.Text);
    }

    [Theory]
    [InlineData(ChatMessageKind.Object)]
    [InlineData((ChatMessageKind)7)]
    [InlineData((ChatMessageKind)Limits.MaxMessageKind)]
    public async Task A_kind_comes_as_it_was_sent_from_memory_and_from_the_store_also_one_that_nobody_knows(ChatMessageKind kind)
    {
        string path = Path.Combine(_root, $"{kind}");
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        ChatMessage message;
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: path))
        {
            ChatPeer peer = await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
            ChatSender sender = ana.OpenSender();
            await sender.QueueAsync(peer.Fingerprint, "from memory", kind, null, null, TwoPeers.Patience);
            await TwoPeers.UntilAsync(() => TwoPeers.Inbox(bob).Count == 1);
            await ana.DisconnectAsync(peer.Fingerprint);
            message = await sender.QueueAsync(peer.Fingerprint, "from the store", kind, null, null, TwoPeers.Patience);
            await sender.FlushAsync(TwoPeers.Patience);
        }

        await using ChatEngine again = await TwoPeers.StartAsync("ana", path: path);
        await again.WaitForStateAsync(again.FindMessages(message.Id)[0], ChatMessageState.Delivered, TwoPeers.Patience);
        Assert.Equal([("from memory", kind), ("from the store", kind)], TwoPeers.Inbox(bob).Select(received => (received.Text, received.Kind)));
    }
}
