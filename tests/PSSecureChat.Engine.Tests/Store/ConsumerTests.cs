using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

public sealed class ConsumerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_consumer_goes_on_where_it_was_after_a_restart()
    {
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: _root))
        {
            using ConsumerCursor cursor = await ana.OpenConsumerAsync("tickets", TwoPeers.Patience);
            cursor.MoveTo(5);
            cursor.MoveTo(3); // never back
            await cursor.FlushAsync(TwoPeers.Patience);
            cursor.MoveTo(7); // not flushed: a server that stops commits it all the same
        }

        await using ChatEngine again = await TwoPeers.StartAsync("ana", path: _root);
        ChatConsumer consumer = Assert.Single(again.GetConsumers());
        Assert.Equal(("tickets", 7L, false), (consumer.Name, consumer.Position, consumer.InUse));
        using ConsumerCursor same = await again.OpenConsumerAsync("Tickets", TwoPeers.Patience);
        Assert.Equal(7, same.Position);
    }

    [Fact]
    public async Task A_store_has_as_many_consumers_as_it_may_have_and_no_more()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana");
        for (int i = 1; i < Limits.MaxConsumers; i++)
        {
            (await ana.OpenConsumerAsync($"c{i}", TwoPeers.Patience)).Dispose();
        }

        (await ana.OpenConsumerAsync("last", TwoPeers.Patience)).Dispose();
        ChatException error = await Assert.ThrowsAsync<ChatException>(() => ana.OpenConsumerAsync("one more", TwoPeers.Patience));
        Assert.Equal(ChatErrorId.TooManyConsumers, error.ErrorId);
        (await ana.OpenConsumerAsync("C1", TwoPeers.Patience)).Dispose();
        await ana.RemoveConsumerAsync("c1");
        (await ana.OpenConsumerAsync("one more", TwoPeers.Patience)).Dispose();
        Assert.Equal(Limits.MaxConsumers, ana.GetConsumers().Count());
    }

    [Fact]
    public async Task A_name_that_was_given_up_is_free_and_a_held_one_is_not()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana");
        ConsumerCursor cursor = await ana.OpenConsumerAsync("bot", TwoPeers.Patience);
        Assert.Equal(ChatErrorId.ConsumerInUse, (await Assert.ThrowsAsync<ChatException>(() => ana.OpenConsumerAsync("BOT", TwoPeers.Patience))).ErrorId);
        Assert.Equal(ChatErrorId.ConsumerInUse, (await Assert.ThrowsAsync<ChatException>(() => ana.RemoveConsumerAsync("bot"))).ErrorId);
        cursor.Dispose();
        cursor.Dispose();
        using ConsumerCursor again = await ana.OpenConsumerAsync("bot", TwoPeers.Patience);
        cursor.Dispose(); // an old one frees nothing any more
        Assert.Equal(ChatErrorId.ConsumerInUse, (await Assert.ThrowsAsync<ChatException>(() => ana.OpenConsumerAsync("bot", TwoPeers.Patience))).ErrorId);
    }
}
