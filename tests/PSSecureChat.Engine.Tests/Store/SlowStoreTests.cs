using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;
using PSSecureChat.Engine.Tests.Transfers;
using PSSecureChat.Engine.Transfers;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Store;

/// <summary>What happens between that something is decided and that it is stored: a wait is given up, a conversation begins, the server stops.</summary>
public class SlowStoreTests
{
    [Fact]
    public async Task What_is_withdrawn_in_the_transaction_that_stores_it_stays_here_when_a_conversation_begins_meanwhile()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.StopBobAsync();
        ChatEngine ana = peers.Ana;
        HeldWriter writer = await HeldWriter.OfAsync(ana);
        ChatMessage message = await ana.OpenSender().QueueAsync(ana.GetPeers().Single().Fingerprint, "withdrawn", null, TwoPeers.Patience);
        Task<IReadOnlyList<ChatRemoval>> removal = ana.RemoveAsync([message], TwoPeers.Patience);
        await using (UntilOnline slow = UntilOnline.Begin(ana))
        {
            writer.GoOn();
            await slow.Entered;
            await peers.StartBobAsync();
        }

        Assert.Equal([ChatRemoval.Withdrawn], await removal);
        await peers.DeliverAsync("after");
        Assert.Equal(["after"], peers.BobsTexts);
    }

    [Fact]
    public async Task What_expires_in_the_transaction_that_stores_it_holds_up_nobody_when_a_conversation_begins_meanwhile()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.StopBobAsync();
        ChatEngine ana = peers.Ana;
        HeldWriter writer = await HeldWriter.OfAsync(ana);
        ChatMessage message = await ana.OpenSender().QueueAsync(ana.GetPeers().Single().Fingerprint, "expires", null, TimeSpan.FromSeconds(5), TwoPeers.Patience);
        peers.Clock.Advance(TimeSpan.FromSeconds(10));
        ChatStore store = Refusal.StoreOf(ana);
        Assert.True(store.Writer.TryEnqueue(store.Expiry)); // as the tick does while another message is due
        await using (UntilOnline slow = UntilOnline.Begin(ana))
        {
            writer.GoOn();
            await slow.Entered;
            await peers.StartBobAsync();
        }

        Assert.Equal(ChatMessageState.Expired, peers.Now(message).State);
        await peers.DeliverAsync("after");
        Assert.Equal(["after"], peers.BobsTexts);
    }

    [Fact]
    public async Task A_peer_that_was_removed_though_nobody_waited_for_it_gets_all_messages_when_it_comes_back()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.DeliverAsync("old 1");
        await peers.DeliverAsync("old 2");
        HeldWriter writer = await HeldWriter.OfAsync(peers.Ana);
        using CancellationTokenSource cancel = new();
        int waiting = writer.Waiting;
        Task removal = peers.Ana.RemoveAsync(peers.Ana.GetPeers().Single().Fingerprint, cancel.Token);
        await TwoPeers.UntilAsync(() => peers.Ana.GetPeers().Count == 0);
        await writer.UntilMoreAsync(waiting);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => removal);
        await writer.GoOnAsync();
        await peers.RestartAnaAsync();
        Assert.Empty(peers.Ana.GetPeers());

        HeldWriter bobs = await HeldWriter.OfAsync(peers.Bob); // what Bob says he has comes after what waits for him
        Task<ChatPeer> connecting = peers.Ana.ConnectAsync("127.0.0.1", peers.BobPort, null, null, TwoPeers.Patience);
        await TwoPeers.UntilAsync(() => peers.Ana.GetPeers().Any(static peer => peer.State == ChatPeerState.Offline));
        await peers.SendAsync("new 1");
        await peers.SendAsync("new 2");
        bobs.GoOn();
        await connecting;
        await peers.DeliverAsync("new 3");
        Assert.Equal(["old 1", "old 2", "new 1", "new 2", "new 3"], peers.BobsTexts);
    }

    [Fact]
    public async Task A_peer_that_is_removed_while_the_server_stops_takes_the_stream_with_it()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        await peers.DeliverAsync("old 1");
        ChatStore store = Refusal.StoreOf(peers.Ana);
        Guid stream = store.Stream;
        HeldWriter writer = await HeldWriter.OfAsync(peers.Ana);
        int waiting = writer.Waiting;
        Task removal = peers.Ana.RemoveAsync(peers.Ana.GetPeers().Single().Fingerprint, CancellationToken.None);
        await TwoPeers.UntilAsync(() => peers.Ana.GetPeers().Count == 0);
        await writer.UntilMoreAsync(waiting);
        Task stop = peers.Ana.StopAsync();
        await TwoPeers.UntilAsync(() => store.IsClosed);
        writer.GoOn();
        await stop;
        await removal;
        await peers.StartAnaAsync();
        Assert.Empty(peers.Ana.GetPeers());
        Assert.NotEqual(stream, Refusal.StoreOf(peers.Ana).Stream);
    }

    [Fact]
    public async Task A_file_whose_sending_nobody_waited_for_is_listed_and_can_be_stopped()
    {
        await using FilePair pair = await FilePair.StartAsync();
        string path = Path.Combine(pair.Root, "secret.txt");
        await File.WriteAllTextAsync(path, "secret", TwoPeers.Patience);
        HeldWriter writer = await HeldWriter.OfAsync(pair.Ana);
        using CancellationTokenSource cancel = new();
        int waiting = writer.Waiting;
        Task<ChatTransfer> sending = pair.Ana.SendFileAsync(pair.Ana.GetPeers().Single().Fingerprint, path, cancel.Token);
        await writer.UntilMoreAsync(waiting);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await writer.GoOnAsync();
        await TwoPeers.UntilAsync(() => pair.Ana.GetTransfers().Count == 1);
        ChatTransfer stopped = await pair.Ana.StopTransferAsync(pair.Ana.GetTransfers().Single(), TwoPeers.Patience);
        Assert.Equal(ChatTransferState.Stopped, stopped.State);
    }

    [Fact]
    public async Task Who_is_blocked_is_hung_up_on_though_nobody_waited_for_it()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync();
        HeldWriter writer = await HeldWriter.OfAsync(peers.Ana);
        using CancellationTokenSource cancel = new();
        int waiting = writer.Waiting;
        Task blocking = peers.Ana.BlockAsync(peers.Ana.GetPeers().Single().Fingerprint, cancel.Token);
        await writer.UntilMoreAsync(waiting);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocking);
        await writer.GoOnAsync();
        await TwoPeers.UntilAsync(() => peers.Bob.GetPeers().Single().State != ChatPeerState.Online);
        Assert.Equal(ChatPeerState.Blocked, peers.Ana.GetPeers().Single().State);
    }

    [Fact]
    public async Task A_block_that_nobody_waited_for_is_stored_though_there_was_no_room_to_queue_it()
    {
        string root = Directory.CreateTempSubdirectory("pssc-").FullName;
        try
        {
            await using ChatEngine bob = await TwoPeers.StartAsync("bob");
            await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: Path.Combine(root, "ana"), limits: Limits.Default with { WriterQueue = 1 }))
            {
                await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
                HeldWriter writer = await HeldWriter.OfAsync(ana);
                Task filler = Refusal.StoreOf(ana).Writer.RunAsync(_ => { }, TwoPeers.Patience);
                using CancellationTokenSource cancel = new();
                Task blocking = ana.BlockAsync(ana.GetPeers().Single().Fingerprint, cancel.Token);
                await cancel.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocking);
                await writer.GoOnAsync();
                await filler;
                await ana.BlockAsync(ana.GetPeers().Single().Fingerprint, TwoPeers.Patience);
            }

            await using ChatEngine again = await TwoPeers.StartAsync("ana", path: Path.Combine(root, "ana"));
            Assert.Equal(ChatPeerState.Blocked, again.GetPeers().Single().State);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task The_receipt_of_a_marking_that_nobody_waited_for_goes_out()
    {
        await using DeliveryFixture peers = await DeliveryFixture.StartAsync(bobReceipts: true);
        ChatMessage message = await peers.DeliverAsync("text");
        List<ChatMessage> inbox = TwoPeers.Inbox(peers.Bob);
        HeldWriter writer = await HeldWriter.OfAsync(peers.Bob);
        using CancellationTokenSource cancel = new();
        int waiting = writer.Waiting;
        Task marking = peers.Bob.MarkReadAsync(inbox, cancel.Token);
        await writer.UntilMoreAsync(waiting);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => marking);
        await writer.GoOnAsync();
        await peers.UntilAsync(message, ChatMessageState.Read);
    }

    [Fact]
    public async Task A_frame_that_an_older_conversation_still_hears_does_not_end_the_newer_one()
    {
        string path = Path.GetTempFileName();
        try
        {
            await using ChatStore store = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
            using IdentityKeyPair them = IdentityKeyPair.Generate(SystemRandomSource.Instance);
            PeerRecord peer = new() { Id = store.NextPeerId(), Identity = them.PublicKey, Label = "them", Standing = PeerStanding.Accepted };
            await store.Writer.RunAsync(session => session.InsertPeer(peer), TwoPeers.Patience);
            await using TransferBook book = new(store, Limits.Default, TimeProvider.System, new ChangeSignal(), null);
            (long length, long modified) = SourceFile.Look(path);
            await book.SendAsync(peer, path, length, modified);
            Guid id = book.Snapshot("us").Single().Id;
            TransferDesk older = book.Open(peer, true, () => { }, closes: false);
            TransferDesk newer = book.Open(peer, true, () => { }, closes: false);
            foreach (TransferDesk desk in new[] { older, newer })
            {
                ((IFileFrameHandler)desk).On(new FileTakeFrame(id, 1, 0, 1 << 20));
            }

            Assert.Throws<ProtocolException>(() => ((IFileFrameHandler)newer).On(new FileTakeFrame(id, 1, 0, 1 << 20))); // the second of one conversation is not due
            ((IFileFrameHandler)older).On(new FileCreditFrame(id, 1, long.MaxValue));
            ((IFileFrameHandler)older).On(new FileDoneFrame(id, new byte[32]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task What_an_earlier_conversation_had_sent_may_have_arrived_though_it_is_withdrawn()
    {
        await using HandMadePeer first = await HandMadePeer.FlowAsync();
        IReadOnlyList<ChatMessage> messages = await first.QueueAsync(3_000);
        while (await first.HearMessageAsync() < 3_000)
        {
            // all of them are heard, and none is acknowledged
        }

        await first.LeaveAsync();
        await using HandMadePeer second = await HandMadePeer.FlowAsync(before: first);
        MessageRemoval removal = new([(second.Record, messages[^1])]);
        await second.Store.Writer.EnqueueAsync(removal, TwoPeers.Patience);
        ChatRemoval answer = Assert.Single(await removal.Done);
        Assert.InRange(second.Conversation.SentUpTo, 0, 2_999); // nobody hears: the pipe is full before the last one
        Assert.Equal(ChatRemoval.MayHaveArrived, answer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_peer_says_it_has_read_and_then_is_over_its_time_holds_up_nobody(bool saysSo)
    {
        ShiftedTime time = new();
        long expiry = time.GetUtcNow().AddSeconds(60).ToUnixTimeMilliseconds();
        await using HandMadePeer first = await HandMadePeer.FlowAsync(time: time);
        IReadOnlyList<ChatMessage> messages = await first.QueueAsync(3_000, expiry);
        await first.QueueAsync(1);
        while (await first.HearMessageAsync() < 3_001)
        {
            // all of them are heard, and none is acknowledged
        }

        await first.LeaveAsync();
        await using HandMadePeer second = await HandMadePeer.FlowAsync(before: first, time: time);
        (long sent, int same) = (-1, 0);
        await TwoPeers.UntilAsync(() => (same = second.Conversation.SentUpTo == sent ? same + 1 : 0, sent = second.Conversation.SentUpTo) is (> 20, > 0)); // the pipe is full, and more is read ahead
        Assert.InRange(sent, 1, 2_900);
        if (saysSo)
        {
            byte[] ids = new byte[100 * 16];
            for (int i = 0; i < 100; i++)
            {
                messages[(int)sent + i].Id.TryWriteBytes(ids.AsSpan(i * 16), bigEndian: true, out _);
            }

            await second.SayAsync(d => FrameEncoder.Encode(new ReadFrame(ids), d));
            await TwoPeers.UntilAsync(() =>
            {
                MessageReader reader = second.Store.Rent();
                bool read = reader.ById(messages[(int)sent + 99].Id).Single().State == StoredState.Read;
                second.Store.Return(reader);
                return read;
            });
        }

        time.Advance(TimeSpan.FromMinutes(2));
        Task last = HearAllAsync();
        await TwoPeers.UntilAsync(() =>
        {
            second.Store.Expiry.Start(second.Store.Writer); // the clock's tick
            return last.IsCompleted;
        });
        await last;

        async Task HearAllAsync()
        {
            while (await second.HearMessageAsync() < 3_001)
            {
                // those that were read, and the last one, which has no end
            }
        }
    }

    /// <summary>A transaction that takes until the peer is connected.</summary>
    private sealed class UntilOnline : IAsyncDisposable
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task _work = Task.CompletedTask;

        public Task Entered => _entered.Task;

        public static UntilOnline Begin(ChatEngine engine)
        {
            UntilOnline slow = new();
            slow._work = Refusal.StoreOf(engine).Writer.RunAsync(
                _ =>
                {
                    slow._entered.SetResult();
                    SpinWait.SpinUntil(() => engine.GetPeers().Single().State == ChatPeerState.Online, TimeSpan.FromSeconds(20));
                },
                TwoPeers.Patience);
            return slow;
        }

        public async ValueTask DisposeAsync() => await _work;
    }
}
