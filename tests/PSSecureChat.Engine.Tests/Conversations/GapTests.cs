using Microsoft.Extensions.Time.Testing;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

public class GapTests
{
    private readonly Guid _stream = Guid.NewGuid();

    [Fact]
    public async Task What_follows_a_batch_that_was_not_stored_is_not_stored_either()
    {
        await using ChatStore store = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
        PeerRecord peer = await PeerAsync(store);
        await store.Writer.RunAsync(session => session.AdoptStream(peer, _stream, 0), TwoPeers.Patience);
        Assert.Null(await StoreAsync(store, peer, _stream, 1, 2));
        Assert.NotNull(await StoreAsync(store, peer, _stream, 4, 5));
        Assert.Equal(2, peer.In.Received);
        Assert.Null(await StoreAsync(store, peer, _stream, 3, 4, 5));
        Assert.Equal(5, peer.In.Received);
        Assert.Equal(5, store.Writer.CommittedRow);
    }

    [Fact]
    public async Task Messages_of_a_stream_that_was_not_taken_over_are_not_stored()
    {
        await using ChatStore store = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
        PeerRecord peer = await PeerAsync(store);
        Assert.NotNull(await StoreAsync(store, peer, _stream, 1));
        Assert.Equal(0, store.Writer.CommittedRow);
    }

    [Fact]
    public async Task A_message_that_comes_twice_is_stored_once()
    {
        await using ChatStore store = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
        PeerRecord peer = await PeerAsync(store);
        await store.Writer.RunAsync(session => session.AdoptStream(peer, _stream, 0), TwoPeers.Patience);
        Assert.Null(await StoreAsync(store, peer, _stream, 1, 2, 3));
        Assert.Null(await StoreAsync(store, peer, _stream, 2, 3));
        Assert.Equal(3, store.Writer.CommittedRow);
        Assert.Equal(3, peer.Unread);

        // The same messages by a new stream, as after a restored backup: the same ids.
        Guid fresh = Guid.NewGuid();
        await store.Writer.RunAsync(session => session.AdoptStream(peer, fresh, 0), TwoPeers.Patience);
        Assert.Null(await StoreAsync(store, peer, fresh, 1, 2, 3));
        Assert.Equal(3, Stored(store, peer).Count);
        Assert.Equal(3, peer.Unread);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(MessageInserter.RowsAtOnce - 1)]
    [InlineData(MessageInserter.RowsAtOnce)]
    [InlineData(MessageInserter.RowsAtOnce + 1)]
    [InlineData((3 * MessageInserter.RowsAtOnce) + 2)]
    [InlineData(150)] // a batch grows for them twice
    public async Task Of_many_at_once_those_that_are_here_are_left_out_and_the_others_stored(int count)
    {
        await using ChatStore store = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
        PeerRecord peer = await PeerAsync(store);
        long[] all = [.. Enumerable.Range(1, count)];
        foreach (Func<long, bool> known in new Func<long, bool>[] { number => number % 3 == 1, _ => true })
        {
            Guid stream = Guid.NewGuid();
            await store.Writer.RunAsync(session => session.AdoptStream(peer, stream, 0), TwoPeers.Patience);
            foreach (long number in all.Where(known).Append(count))
            {
                await store.Writer.RunAsync(session => session.SkipIncoming(peer, number - 1), TwoPeers.Patience);
                Assert.Null(await StoreAsync(store, peer, stream, number));
            }

            Guid fresh = Guid.NewGuid();
            await store.Writer.RunAsync(session => session.AdoptStream(peer, fresh, 0), TwoPeers.Patience);
            Assert.Null(await StoreAsync(store, peer, fresh, all));
            Assert.Equal(count, Stored(store, peer).Count);
            Assert.Equal(count, peer.Unread);
            Assert.Equal(4 * count, peer.UnreadBytes);
        }
    }

    [Fact]
    public async Task Nothing_takes_back_what_is_committed()
    {
        await using ChatStore store = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
        PeerRecord peer = await PeerAsync(store);
        await store.Writer.RunAsync(session => session.AdoptStream(peer, _stream, 4), TwoPeers.Patience);
        Assert.Equal(4, peer.In.Received);
        await store.Writer.RunAsync(session => session.AdoptStream(peer, _stream, 2), TwoPeers.Patience);
        Assert.Equal(4, peer.In.Received);
        await store.Writer.RunAsync(session => session.SkipIncoming(peer, 3), TwoPeers.Patience);
        Assert.Equal(4, peer.In.Received);
        await store.Writer.RunAsync(session => session.SkipIncoming(peer, 6), TwoPeers.Patience);
        Assert.Equal(6, peer.In.Received);
        await store.Writer.RunAsync(session => session.AdoptStream(peer, _stream, 8), TwoPeers.Patience);
        Assert.Equal(8, peer.In.Received);
        await store.Writer.RunAsync(session => session.AdoptStream(peer, Guid.NewGuid(), 1), TwoPeers.Patience);
        Assert.Equal(1, peer.In.Received);
    }

    [Fact]
    public async Task A_skip_behind_a_gap_is_not_stored_either()
    {
        await using ChatStore store = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
        PeerRecord peer = await PeerAsync(store);
        await store.Writer.RunAsync(session => session.AdoptStream(peer, _stream, 0), TwoPeers.Patience);
        Assert.NotNull(await SkipAsync(store, peer, previous: 1, to: 5));
        Assert.Equal(0, peer.In.Received);
        Assert.Null(await SkipAsync(store, peer, previous: 0, to: 5));
        Assert.Equal(5, peer.In.Received);
    }

    [Fact]
    public async Task Texts_of_any_sizes_in_one_batch_are_stored_as_they_came()
    {
        await using ChatStore store = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
        PeerRecord peer = await PeerAsync(store);
        await store.Writer.RunAsync(session => session.AdoptStream(peer, _stream, 0), TwoPeers.Patience);
        string[] texts = ["", "short", new('a', Limits.RecordTarget), new('b', 1), new('c', 3 * Limits.RecordTarget), "last"];
        TaskCompletionSource<CloseReason?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IncomingBatch batch = new(peer, _stream, (_, end) => done.SetResult(end));
        for (int i = 0; i < texts.Length; i++)
        {
            batch.Add(new MessageFrame(i + 1, Guid.NewGuid(), i, System.Text.Encoding.UTF8.GetBytes(texts[i]), i % 2 == 0 ? null : Guid.NewGuid(), i));
        }

        Assert.Equal(texts.Length, batch.Weight);
        await store.Writer.EnqueueAsync(batch, TwoPeers.Patience);
        Assert.Null(await done.Task.WaitAsync(TwoPeers.Patience));
        List<MessageReader.Row> rows = Stored(store, peer);
        Assert.Equal(texts, rows.Select(row => row.Text));
        Assert.Equal([0, 1, 2, 3, 4, 5], rows.Select(row => row.SentAt));
        Assert.Equal([0, 1, 2, 3, 4, 5], rows.Select(row => row.ExpiresAt));
        Assert.Equal([false, true, false, true, false, true], rows.Select(row => row.InReplyTo is not null));
    }

    [Fact]
    public async Task A_batch_that_is_stored_takes_the_next_record()
    {
        await using ChatStore store = ChatStore.Open(null, default, Limits.Default, TimeProvider.System, () => { }, _ => { }, TwoPeers.Patience);
        PeerRecord peer = await PeerAsync(store);
        await store.Writer.RunAsync(session => session.AdoptStream(peer, _stream, 0), TwoPeers.Patience);
        string[] texts = [new('a', 3 * Limits.RecordTarget), "next"];
        TaskCompletionSource<CloseReason?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IncomingBatch batch = new(peer, _stream, (_, end) => done.SetResult(end));
        for (int i = 0; i < texts.Length; i++)
        {
            batch.Add(new MessageFrame(i + 1, Guid.NewGuid(), i, System.Text.Encoding.UTF8.GetBytes(texts[i]), null));
            await store.Writer.EnqueueAsync(batch, TwoPeers.Patience);
            Assert.Null(await done.Task.WaitAsync(TwoPeers.Patience));
            Assert.Equal(0, batch.Weight);
            done = new TaskCompletionSource<CloseReason?>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Assert.Equal(texts, Stored(store, peer).Select(row => row.Text));
    }

    [Fact]
    public async Task What_is_sent_while_a_conversation_still_begins_is_not_taken_for_acknowledged()
    {
        await using HandMadePeer first = await HandMadePeer.FlowAsync();
        await first.SayMessageAsync(1);
        await first.HearAsync<AckFrame>();
        await first.LeaveAsync();
        await first.QueueAsync(3);
        await using HandMadePeer again = await HandMadePeer.MeetAsync(before: first);
        using ManualResetEventSlim heard = new();
        again.Conversation.Missed = _ => heard.Wait(TwoPeers.Patience); // messages flow by now: here it stands still as any thread may
        again.Conversation.Accept(again.Record);
        await again.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(again.Stream, 2, Guid.Empty, 0), d));
        while (await again.HearMessageAsync() < 3)
        {
            // those before it
        }

        heard.Set();
        await again.AssertGoesOnAsync();
        Assert.Equal(0, again.Record.OutAcked);
    }

    [Fact]
    public async Task A_number_that_the_store_does_not_show_is_passed_over_only_when_the_store_has_said_why()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        IReadOnlyList<ChatMessage> messages = await peer.QueueAsync(6);
        Assert.Equal([ChatRemoval.Withdrawn], await RemoveAsync(peer, messages[1]));
        await VanishAsync(peer, messages[3]);
        peer.Conversation.Accept(peer.Record);
        await peer.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(peer.Stream, 0, Guid.Empty, 0), d));
        List<object> heard = await peer.HearAllAsync();
        Assert.Equal([1, 3], heard.OfType<(long Sequence, Guid, long, string, Guid?, long, ChatMessageKind)>().Select(message => message.Sequence));
        Assert.Equal([2], heard.OfType<SkipFrame>().Select(skip => skip.Sequence));
        Assert.Equal(CloseReason.StoreFailure, Assert.Single(heard.OfType<CloseFrame>()).Reason);
    }

    [Fact]
    public async Task A_message_that_the_peer_says_it_read_goes_again_when_it_says_later_that_it_does_not_have_it()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UnixEpoch.AddYears(60));
        await using HandMadePeer first = await HandMadePeer.FlowAsync(time: clock);
        IReadOnlyList<ChatMessage> messages = await first.QueueAsync(3, clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds());
        Assert.Equal(1, await first.HearMessageAsync());
        byte[] ids = [.. messages.SelectMany(message => message.Id.ToByteArray(bigEndian: true))];
        await first.SayAsync(d => FrameEncoder.Encode(new ReadFrame(ids), d));
        await first.HearAsync<ReadStoredFrame>();
        Assert.Equal([ChatRemoval.Removed], await RemoveAsync(first, messages[1]));
        await first.LeaveAsync();
        clock.Advance(TimeSpan.FromHours(2)); // what was read does not expire
        await using HandMadePeer again = await HandMadePeer.FlowAsync(before: first, time: clock);
        Assert.Equal(1, await again.HearMessageAsync());
        Assert.Equal(2, (await again.HearAsync<SkipFrame>()).Sequence);
        Assert.Equal(3, await again.HearMessageAsync());
    }

    [Fact]
    public async Task A_message_to_a_peer_whose_id_is_there_already_is_not_said_to_be_stored()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        ChatMessage message = Assert.Single(await peer.QueueAsync(1));
        ChatSender sender = new(null!);
        await peer.Store.Writer.EnqueueAsync(peer.Record, message, sender, TwoPeers.Patience);
        await Assert.ThrowsAsync<ChatException>(() => sender.FlushAsync(TwoPeers.Patience));
        Assert.Equal(1, peer.Record.OutStored);
    }

    private static async Task<IReadOnlyList<ChatRemoval>> RemoveAsync(HandMadePeer peer, ChatMessage message)
    {
        MessageRemoval removal = new([(peer.Record, message)]);
        await peer.Store.Writer.EnqueueAsync(removal, TwoPeers.Patience);
        return await removal.Done.WaitAsync(TwoPeers.Patience);
    }

    // As somebody does who changes the database by hand: no number is retired.
    private static Task VanishAsync(HandMadePeer peer, ChatMessage message) => peer.Store.Writer.RunAsync(
        session =>
        {
            Assert.True(session.Find(peer.Record, ChatDirection.Outgoing, message.Id, out long row, out _, out StoredState state, out long bytes));
            session.Delete(peer.Record, row, state, bytes);
        },
        TwoPeers.Patience);

    private static List<MessageReader.Row> Stored(ChatStore store, PeerRecord peer) =>
        [.. new MessageFinder(store, new MessageQuery { Direction = ChatDirection.Incoming }, [peer.Id], store.Writer.CommittedRow, "us").Find(TwoPeers.Patience)];

    private async Task<CloseReason?> SkipAsync(ChatStore store, PeerRecord peer, long previous, long to)
    {
        TaskCompletionSource<CloseReason?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IncomingBatch batch = new(peer, _stream, (_, end) => done.SetResult(end));
        batch.Add(new SkipFrame(to), previous);
        await store.Writer.EnqueueAsync(batch, TwoPeers.Patience);
        return await done.Task.WaitAsync(TwoPeers.Patience);
    }

    private static async Task<PeerRecord> PeerAsync(ChatStore store)
    {
        using IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        PeerRecord peer = new() { Id = store.NextPeerId(), Identity = identity.PublicKey, Label = "bob", Standing = PeerStanding.Accepted };
        await store.Writer.RunAsync(session => session.InsertPeer(peer), TwoPeers.Patience);
        return peer;
    }

    private static async Task<CloseReason?> StoreAsync(ChatStore store, PeerRecord peer, Guid stream, params long[] numbers)
    {
        TaskCompletionSource<CloseReason?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IncomingBatch batch = new(peer, stream, (_, end) => done.SetResult(end));
        foreach (long number in numbers)
        {
            Guid id = new($"00000000-0000-7000-8000-{number:D12}");
            batch.Add(new MessageFrame(number, id, 0, "text"u8.ToArray(), null));
        }

        await store.Writer.EnqueueAsync(batch, TwoPeers.Patience);
        return await done.Task.WaitAsync(TwoPeers.Patience);
    }
}
