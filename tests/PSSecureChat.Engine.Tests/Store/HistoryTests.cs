using Microsoft.Data.Sqlite;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

public class HistoryTests
{
    [Fact]
    public async Task Both_directions_of_one_peer_come_in_the_order_in_which_they_were_stored()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        await using ChatEngine eve = await TwoPeers.StartAsync("eve");
        await eve.ConnectAsync("127.0.0.1", peers.Ana.Server.Port, null, null, TwoPeers.Patience);
        for (int i = 0; i < 6; i++)
        {
            await WireTests.DeliverAsync(i % 3 == 0 ? peers.Bob : peers.Ana, i % 3 == 0 ? "ana" : "bob", $"{i}");
            await WireTests.DeliverAsync(eve, "ana", "noise");
        }

        Assert.Equal(["0", "1", "2", "3", "4", "5"], Texts(peers, new MessageQuery { Peers = [peers.Bob.Server.Fingerprint] }));
        Assert.Equal(["5", "4", "3", "2", "1", "0"], Texts(peers, new MessageQuery { Peers = [peers.Bob.Server.Fingerprint], NewestFirst = true }));
        Assert.Equal(["3", "4", "5"], Texts(peers, new MessageQuery { Peers = [peers.Bob.Server.Fingerprint], Last = 3 }));
        Assert.Equal(["1", "2", "4", "5"], Texts(peers, new MessageQuery { Peers = [peers.Bob.Server.Fingerprint], Direction = ChatDirection.Outgoing }));
        Assert.Equal(["4", "5"], Texts(peers, new MessageQuery { Peers = [peers.Bob.Server.Fingerprint], Direction = ChatDirection.Outgoing, Last = 2 }));
        Assert.Equal(["5", "noise"], Texts(peers, new MessageQuery { Peers = [peers.Bob.Server.Fingerprint, eve.Server.Fingerprint], Last = 2 }));
        Assert.Empty(Texts(peers, new MessageQuery { Peers = [] }));
    }

    [Fact]
    public async Task The_newest_received_are_found_among_what_was_sent_and_what_others_wrote()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        await using ChatEngine eve = await TwoPeers.StartAsync("eve");
        await using ChatEngine dan = await TwoPeers.StartAsync("dan");
        foreach (ChatEngine engine in new[] { eve, dan })
        {
            await engine.ConnectAsync("127.0.0.1", peers.Ana.Server.Port, null, null, TwoPeers.Patience);
        }

        for (int i = 0; i < 4; i++)
        {
            await WireTests.DeliverAsync(peers.Bob, "ana", $"bob {i}");
            await WireTests.DeliverAsync(peers.Ana, "bob", $"ana {i}");
            await WireTests.DeliverAsync(eve, "ana", $"eve {i}");
            await WireTests.DeliverAsync(dan, "ana", $"dan {i}");
        }

        string[] two = [peers.Bob.Server.Fingerprint, eve.Server.Fingerprint];
        Assert.Equal(["dan 2", "bob 3", "eve 3", "dan 3"], Texts(peers, new MessageQuery { Direction = ChatDirection.Incoming, Last = 4 }));
        Assert.Equal(["eve 2", "bob 3", "eve 3"], Texts(peers, new MessageQuery { Direction = ChatDirection.Incoming, Peers = two, Last = 3 }));
        Assert.Equal(["bob 0", "eve 0", "bob 1", "eve 1", "bob 2", "eve 2", "bob 3", "eve 3"], Texts(peers, new MessageQuery { Direction = ChatDirection.Incoming, Peers = two, Last = 9 }));
        Assert.Equal(["eve 2"], Texts(peers, new MessageQuery { Direction = ChatDirection.Incoming, Peers = two, Last = 1, Search = "2" }));
        Assert.Equal(["eve 1", "bob 1"], Texts(peers, new MessageQuery { Direction = ChatDirection.Incoming, Peers = two, NewestFirst = true, Search = "1" }));
        Assert.Equal(["bob 0", "eve 0", "dan 0", "bob 1"], Texts(peers, new MessageQuery { Direction = ChatDirection.Incoming }).Take(4));
    }

    [Fact]
    public async Task A_search_finds_texts_in_any_case_newest_first_over_many_pages()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        ChatSender sender = peers.Ana.OpenSender();
        ChatMessage? last = null;
        for (int i = 0; i < 10_000; i++)
        {
            string text = i % 2_500 == 7 ? $"Die GRÖßTE {i}" : i % 2_500 == 8 ? $"\0{new string('x', 5000)}größte {i}" : $"text {i}";
            last = await sender.QueueAsync(peers.Bob.Server.Fingerprint, text, null, TwoPeers.Patience);
        }

        await sender.FlushAsync(TwoPeers.Patience);
        await peers.Ana.WaitForStateAsync(last!, ChatMessageState.Delivered, TwoPeers.Patience);
        foreach (ChatEngine engine in new[] { peers.Ana, peers.Bob })
        {
            string[] found = [.. engine.ReadMessages(new MessageQuery { Search = "größte", NewestFirst = true }, TwoPeers.Patience).Select(message => message.Text[^4..].Trim())];
            Assert.Equal(["7508", "7507", "5008", "5007", "2508", "2507", "te 8", "TE 7"], found);
        }

        Assert.Equal(["7507", "7508"], Texts(peers, new MessageQuery { Search = "größte", Last = 2 }).Select(text => text[^4..]));
        Assert.Empty(Texts(peers, new MessageQuery { Search = "nowhere" }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_text_that_no_longer_opens_fails_and_holds_up_no_other(bool storeRefusesFirst)
    {
        string root = Directory.CreateTempSubdirectory("pssc-").FullName;
        try
        {
            string path = Path.Combine(root, "ana");
            await using ChatEngine bob = await TwoPeers.StartAsync("bob");
            ChatMessage bad;
            await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: path))
            {
                await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
                await ana.DisconnectAsync(bob.Server.Fingerprint);
                bad = await TwoPeers.SendAsync(ana, "bob", "bad");
                await TwoPeers.SendAsync(ana, "bob", "good");
            }

            using (SqliteConnection connection = new($"Data Source={Path.Combine(path, "store.db")};Pooling=False"))
            {
                connection.Open();
                using SqliteCommand command = connection.CreateCommand();
                command.CommandText = "UPDATE message SET body = zeroblob(40) WHERE id = 1";
                command.ExecuteNonQuery();
            }

            await using ChatEngine again = await TwoPeers.StartAsync("ana", path: path);
            Refusal? refusal = storeRefusesFirst ? await Refusal.OfAsync(again, "UPDATE OF note ON message") : null;
            await again.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
            await TwoPeers.UntilAsync(() => refusal is null || refusal.Times > 0);
            refusal?.End();
            ChatException failure = await Assert.ThrowsAsync<ChatException>(() => again.WaitForStateAsync(bad, ChatMessageState.Delivered, TwoPeers.Patience));
            Assert.Contains("can no longer be read", failure.Message, StringComparison.Ordinal);
            await WireTests.DeliverAsync(again, "bob", "next");
            Assert.Equal(["good", "next"], TwoPeers.Inbox(bob).Select(message => message.Text));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static IEnumerable<string> Texts(TwoPeers peers, MessageQuery query) => peers.Ana.ReadMessages(query, TwoPeers.Patience).Select(message => message.Text);
}
