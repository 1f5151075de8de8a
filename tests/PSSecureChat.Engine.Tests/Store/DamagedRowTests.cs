using Microsoft.Data.Sqlite;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

public sealed class DamagedRowTests : IDisposable
{
    private const string Reason = "it does not open: the store was changed or damaged";
    private readonly string _path = Directory.CreateTempSubdirectory("pssc-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public async Task A_received_message_that_does_not_open_spares_the_others_and_is_new_only_once()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: _path))
        {
            await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
            foreach (string text in new[] { "one", "two", "three" })
            {
                await WireTests.DeliverAsync(bob, "ana", text);
            }

            await bob.StopAsync(); // so that receipts wait
        }

        Damage(2);
        await using ChatEngine again = await TwoPeers.StartAsync("ana", path: _path, readReceipts: true);
        List<ChatMessage> inbox = TwoPeers.Inbox(again);
        Assert.Equal(
            [("one", ChatMessageState.Received, null), ("", ChatMessageState.Failed, Reason), ("three", ChatMessageState.Received, null)],
            inbox.Select(message => (message.Text, message.State, message.Reason)));
        Assert.Equal(["one", "three"], again.ReadMessages(new MessageQuery { Search = "e" }, TwoPeers.Patience).Select(message => message.Text));
        Assert.Empty(again.ReadMessages(new MessageQuery { Search = "two" }, TwoPeers.Patience));

        await again.MarkReadAsync([inbox[0], inbox[1]], TwoPeers.Patience);
        Assert.Equal("three", Assert.Single(again.ReadMessages(new MessageQuery { Direction = ChatDirection.Incoming, UnreadOnly = true }, TwoPeers.Patience)).Text);
        Assert.Equal(1, Assert.Single(again.GetPeers()).Unread);
        Assert.Equal(inbox[0].Id, Assert.Single(Receipts()));

        ChatMessage found = Assert.Single(again.FindMessages(inbox[1].Id));
        Assert.Equal([ChatRemoval.Removed], await again.RemoveAsync([found], TwoPeers.Patience));
        Assert.Equal(["one", "three"], TwoPeers.Inbox(again).Select(message => message.Text));
    }

    [Fact]
    public async Task A_waiting_message_that_does_not_open_is_in_the_outbox_with_its_reason_and_can_be_removed()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        int port = bob.Server.Port;
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: _path))
        {
            await ana.ConnectAsync("127.0.0.1", port, null, null, TwoPeers.Patience);
            await bob.StopAsync();
            await ana.WhenForTestingOnlyAsync(() => ana.GetPeers().Single().State == ChatPeerState.Offline, TwoPeers.Patience); // else they may have left
            await TwoPeers.SendAsync(ana, "bob", "one");
            await TwoPeers.SendAsync(ana, "bob", "two");
        }

        Damage(1);
        await using ChatEngine again = await TwoPeers.StartAsync("ana", path: _path);
        List<ChatMessage> outbox = [.. again.ReadOutbox(null, TwoPeers.Patience)];
        Assert.Equal([("", ChatMessageState.Failed), ("two", ChatMessageState.Queued)], outbox.Select(message => (message.Text, message.State)));
        Assert.Equal(Reason, outbox[0].Reason);
        Assert.Equal([ChatRemoval.Withdrawn], await again.RemoveAsync(again.FindMessages(outbox[0].Id), TwoPeers.Patience));
        Assert.Equal("two", Assert.Single(again.ReadOutbox(null, TwoPeers.Patience)).Text);
    }

    private List<Guid> Receipts()
    {
        using SqliteConnection connection = Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT uuid FROM receipt";
        using SqliteDataReader reader = command.ExecuteReader();
        List<Guid> ids = [];
        while (reader.Read())
        {
            ids.Add(new Guid((byte[])reader[0], bigEndian: true));
        }

        return ids;
    }

    private void Damage(int row)
    {
        using SqliteConnection connection = Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"UPDATE message SET body = zeroblob(length(body)) WHERE id = {row}";
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private SqliteConnection Open()
    {
        SqliteConnection connection = new($"Data Source={Path.Combine(_path, "store.db")};Pooling=False");
        connection.Open();
        return connection;
    }
}
