using System.Text;
using Microsoft.Data.Sqlite;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;
using PSSecureChat.Engine.Tests.Trust;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Store;

/// <summary>What the writer keeps when a transaction fails or rows were left out, and what a query sees while it writes on.</summary>
public sealed class WriterTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    private string Path => System.IO.Path.Combine(_root, "ana");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task An_acknowledgement_is_saved_though_the_transaction_it_was_in_failed()
    {
        await using (ChatStore store = Open(Limits.Default))
        {
            PeerRecord peer = await KnowAsync(store);
            ChatSender sender = new(null!);
            await store.Writer.EnqueueAsync(peer, Message(), sender, TwoPeers.Patience);
            await sender.FlushAsync(TwoPeers.Patience);
            Assert.True(peer.Acknowledge(1));
            store.Writer.Acknowledged(peer);
            await Assert.ThrowsAsync<ChatException>(() => store.Writer.RunAsync(_ => throw new InvalidOperationException("not this one"), TwoPeers.Patience));
        }

        await using ChatStore again = Open(Limits.Default);
        Assert.Equal((1, 1), (Assert.Single(again.Peers).OutStored, again.Peers[0].OutAcked));
    }

    [Fact]
    public async Task A_peer_whose_removal_failed_is_there_as_before()
    {
        await using ChatStore store = Open(Limits.Default);
        PeerRecord peer = await KnowAsync(store);
        ChatSender sender = new(null!);
        await store.Writer.EnqueueAsync(peer, Message(expiry: 1), sender, TwoPeers.Patience);
        await sender.FlushAsync(TwoPeers.Patience);
        await Assert.ThrowsAsync<ChatException>(() => store.Writer.RunAsync(
            session =>
            {
                session.RemovePeer(peer);
                throw new InvalidOperationException("not this one");
            },
            TwoPeers.Patience));
        List<WriterSession.DueRow> due = [];
        await store.Writer.RunAsync(session => due = session.DueRows(1), TwoPeers.Patience);
        Assert.Equal(1, Assert.Single(due).Sequence);
        Assert.False(peer.Removed);
    }

    [Fact]
    public async Task A_peer_that_was_not_stored_is_not_there()
    {
        await using ChatStore store = Open(Limits.Default);
        PeerRecord peer = await KnowAsync(store);
        using IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        PeerRecord failed = new() { Id = store.NextPeerId(), Identity = identity.PublicKey, Label = "carol", Standing = PeerStanding.Accepted };
        await Assert.ThrowsAsync<ChatException>(() => store.Writer.RunAsync(
            session =>
            {
                session.InsertPeer(failed);
                throw new InvalidOperationException("not this one");
            },
            TwoPeers.Patience));
        ChatSender sender = new(null!);
        await store.Writer.EnqueueAsync(failed, Message(), sender, TwoPeers.Patience);
        Assert.Equal(ChatErrorId.PeerUnknown, (await Assert.ThrowsAsync<ChatException>(() => sender.FlushAsync(TwoPeers.Patience))).ErrorId);
        await store.Writer.EnqueueAsync(peer, Message(), sender, TwoPeers.Patience);
        await sender.FlushAsync(TwoPeers.Patience);
    }

    [Fact]
    public async Task A_message_that_was_not_stored_is_not_taken_for_the_one_that_has_its_number()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        StoreWriter writer = Refusal.StoreOf(peers.Ana).Writer;
        await writer.RunAsync(session => session.SetMostPagesForTestingOnly(1), TwoPeers.Patience);
        ChatSender sender = peers.Ana.OpenSender();
        ChatMessage large = await sender.QueueAsync(peers.Bob.Server.Fingerprint, new string('a', 900_000), null, TwoPeers.Patience);
        await Assert.ThrowsAsync<ChatException>(() => sender.FlushAsync(TwoPeers.Patience));
        await writer.RunAsync(session => session.SetMostPagesForTestingOnly(int.MaxValue / 2), TwoPeers.Patience);
        await WireTests.DeliverAsync(peers.Ana, "bob", "small");

        Assert.Equal(0, large.Index);
        foreach (ChatMessageState state in new[] { ChatMessageState.Queued, ChatMessageState.Delivered })
        {
            ChatException failure = await Assert.ThrowsAsync<ChatException>(() => peers.Ana.WaitForStateAsync(large, state, TwoPeers.Patience));
            Assert.Equal(ChatErrorId.DeliveryFailed, failure.ErrorId);
            Assert.Contains("it was not stored", failure.Message, StringComparison.Ordinal);
        }

        Assert.Null(peers.Ana.Refresh(large));
    }

    [Fact]
    public async Task A_new_stream_is_saved_though_the_store_refused_it_at_first()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        Guid stream;
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: Path))
        {
            await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
            await WireTests.DeliverAsync(ana, "bob", "text");
            Refusal refusal = await Refusal.OfAsync(ana, "UPDATE ON meta WHEN old.name = 'stream'");
            Refusal.StoreOf(ana).RenewStream();
            await TwoPeers.UntilAsync(() => refusal.Times > 0);
            await Refusal.StoreOf(ana).Writer.RunAsync(_ => { }, TwoPeers.Patience); // what was refused has failed now
            refusal.End();
            stream = Refusal.StoreOf(ana).Stream;
            await ana.StopAsync();
        }

        await using ChatStore again = Open(Limits.Default);
        Assert.Equal(stream, again.Stream);
    }

    [Fact]
    public async Task Messages_that_are_here_already_take_no_room_in_the_inbox_from_those_that_follow()
    {
        await using ChatStore store = Open(Limits.Default with { InboxMessages = 3 });
        PeerRecord peer = await KnowAsync(store);
        Guid[] ids = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        bool[] taken = [];
        await store.Writer.RunAsync(session => taken = [.. new[] { 0, 1 }.Select((id, i) => session.TryInsertIncoming(peer, Frame(i + 1, ids[id])))], TwoPeers.Patience);
        Assert.Equal([true, true], taken);
        await store.Writer.RunAsync(session => taken = [.. new[] { 0, 1, 2 }.Select((id, i) => session.TryInsertIncoming(peer, Frame(i + 3, ids[id])))], TwoPeers.Patience);
        Assert.Equal([true, true, true], taken);
        Assert.Equal((3, 12, false), (peer.Unread, peer.UnreadBytes, peer.InboxIsFull));
        await store.Writer.RunAsync(session => taken = [session.TryInsertIncoming(peer, Frame(6, Guid.NewGuid()))], TwoPeers.Patience);
        Assert.Equal((false, 3, true), (taken[0], peer.Unread, peer.InboxIsFull));
    }

    [Fact]
    public async Task A_message_that_has_no_place_in_the_store_is_not_said_to_be_stored()
    {
        await using ChatStore store = Open(Limits.Default);
        PeerRecord peer = await KnowAsync(store);
        ChatSender sender = new(null!);
        await store.Writer.EnqueueAsync(peer, Message(), sender, TwoPeers.Patience);
        await sender.FlushAsync(TwoPeers.Patience);
        using (SqliteConnection other = new($"Data Source={System.IO.Path.Combine(Path, "store.db")};Pooling=False"))
        {
            other.Open();
            using SqliteCommand command = other.CreateCommand();
            command.CommandText = """
                INSERT INTO message (id, peer, direction, seq, uuid, sent_at, stored_at, state, body, kind)
                SELECT id + 1, peer, 0, 0, randomblob(16), sent_at, stored_at, 6, body, kind FROM message
                """;
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        await store.Writer.EnqueueAsync(peer, Message(), sender, TwoPeers.Patience);
        await Assert.ThrowsAsync<ChatException>(() => sender.FlushAsync(TwoPeers.Patience));
        await Assert.ThrowsAsync<ChatException>(() => store.Writer.RunAsync(session => session.TryInsertIncoming(peer, Frame(1, Guid.NewGuid())), TwoPeers.Patience));
        Assert.Equal((1, 0), (peer.OutStored, peer.In.Received));
    }

    [Fact]
    public async Task What_work_retires_is_known_before_messages_of_the_same_transaction_may_be_sent()
    {
        await using ChatStore store = Open(Limits.Default);
        PeerRecord peer = await KnowAsync(store);
        OutboxTail tail = new(Limits.Default, TimeProvider.System, 0, 0, () => { });
        peer.Tail = tail;
        using ManualResetEventSlim queued = new();
        await store.Writer.EnqueueAsync(new Look(() => queued.Wait(TwoPeers.Patience), () => { }), TwoPeers.Patience);
        ChatSender sender = new(null!);
        await store.Writer.EnqueueAsync(peer, Message(), sender, TwoPeers.Patience);
        long announced = -1;
        await store.Writer.EnqueueAsync(new Look(() => { }, () => announced = tail.StoredUpTo), TwoPeers.Patience);
        queued.Set();
        await sender.FlushAsync(TwoPeers.Patience);
        Assert.Equal((0, 1), (announced, tail.StoredUpTo));
    }

    [Fact]
    public async Task A_query_finds_no_later_message_without_the_earlier_ones()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using ChatEngine carol = await Party.StartAsync("carol");
        await bob.DialAsync(ana);
        await carol.DialAsync(ana);
        await WireTests.DeliverAsync(bob, "ana", "one");
        await WireTests.DeliverAsync(carol, "ana", "two");
        List<string> texts = [];
        long last = 0;
        foreach (ChatMessage message in ana.ReadMessages(Unread(0), TwoPeers.Patience))
        {
            texts.Add(message.Text);
            last = message.Index;
            if (message.Text == "two")
            {
                await WireTests.DeliverAsync(bob, "ana", "three");
                await WireTests.DeliverAsync(carol, "ana", "four");
            }
        }

        texts.AddRange(ana.ReadMessages(Unread(last), TwoPeers.Patience).Select(message => message.Text));
        Assert.Equal(["one", "two", "three", "four"], texts);
    }

    [Fact]
    public async Task A_peer_that_is_asked_for_twice_is_read_once()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        await WireTests.DeliverAsync(peers.Bob, "ana", "one");
        string bob = peers.Bob.Server.Fingerprint;
        Assert.Single(peers.Ana.ReadMessages(new MessageQuery { Peers = [bob, bob], Direction = ChatDirection.Incoming, UnreadOnly = true }, TwoPeers.Patience));
    }

    private sealed class Look(Action execute, Action committed) : StoreWork
    {
        public override void Execute(WriterSession session) => execute();

        public override void Committed() => committed();
    }

    private static MessageQuery Unread(long after) => new() { Direction = ChatDirection.Incoming, UnreadOnly = true, AfterIndex = after };

    private static MessageFrame Frame(long sequence, Guid id) => new(sequence, id, 0, Encoding.UTF8.GetBytes("text"), null, 0, ChatMessageKind.Text);

    private static ChatMessage Message(long expiry = 0) => new()
    {
        Id = Guid.NewGuid(),
        Peer = "bob",
        PeerFingerprint = "",
        Server = "ana",
        Direction = ChatDirection.Outgoing,
        Text = "text",
        SentAt = DateTimeOffset.UtcNow,
        StoredAt = DateTimeOffset.UtcNow,
        State = ChatMessageState.Queued,
        Expiry = expiry,
    };

    private static async Task<PeerRecord> KnowAsync(ChatStore store)
    {
        using IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        PeerRecord peer = new() { Id = store.NextPeerId(), Identity = identity.PublicKey, Label = "bob", Standing = PeerStanding.Accepted };
        await store.Writer.RunAsync(session => session.InsertPeer(peer), TwoPeers.Patience);
        return peer;
    }

    private ChatStore Open(Limits limits) => ChatStore.Open(Path, default, limits, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
}
