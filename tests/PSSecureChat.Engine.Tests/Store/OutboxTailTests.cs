using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

public class OutboxTailTests
{
    private readonly ShiftedTime _clock = new();
    private int _woken;

    [Fact]
    public void A_number_is_taken_by_the_sender_or_held_by_the_writer_and_never_both()
    {
        OutboxTail tail = Tail(takenUpTo: 4);
        Assert.False(tail.TryHold(4));
        Assert.True(tail.TryHold(5));
        Assert.Equal(OutboxTake.Held, tail.TryTake(5, 0));
        Assert.Equal(OutboxTake.Taken, tail.TryTake(6, 0));
        Assert.False(tail.TryHold(6));
        Assert.True(tail.TryHold(7));
    }

    [Fact]
    public void A_hold_ends_with_the_number_free_or_retired()
    {
        OutboxTail tail = Tail();
        Assert.True(tail.TryHold(1));
        Assert.True(tail.TryHold(2));
        Assert.True(tail.TryHold(4));
        Assert.Equal(OutboxTake.Held, tail.TryTake(1, 0));
        tail.Settle(1, retired: false);
        tail.Settle(2, retired: true);
        tail.Settle(4, retired: true);
        Assert.Equal(OutboxTake.Taken, tail.TryTake(1, 0));
        Assert.Equal(OutboxTake.Retired, tail.TryTake(2, 0));
        Assert.Equal(OutboxTake.Retired, tail.TryTake(4, 0));
        Assert.Equal(OutboxTake.Retired, tail.TryTake(2, out _));
        Assert.Equal(OutboxTake.NotHere, tail.TryTake(3, out _));
    }

    [Fact]
    public void What_was_bridged_is_gone_and_what_is_behind_it_is_not()
    {
        OutboxTail tail = Tail();
        foreach (long number in new long[] { 1, 2, 3 })
        {
            Assert.True(tail.TryHold(number));
            tail.Settle(number, retired: true);
        }

        tail.Bridged(2);
        Assert.False(tail.TryHold(2));
        Assert.Equal(OutboxTake.NotHere, tail.TryTake(2, out _));
        Assert.Equal(OutboxTake.Retired, tail.TryTake(3, out _));
        tail.Bridged(1);
        Assert.False(tail.TryHold(2));
    }

    [Fact]
    public void A_range_is_held_when_one_of_its_numbers_is()
    {
        OutboxTail tail = Tail();
        Assert.False(tail.IsHeld(1, long.MaxValue));
        Assert.True(tail.TryHold(5));
        Assert.Equal([false, true, true, true, false], new[] { (3, 4), (4, 5), (5, 5), (5, 6), (6, 7) }.Select(range => tail.IsHeld(range.Item1, range.Item2)));
        tail.Settle(5, retired: true);
        Assert.False(tail.IsHeld(5, 5));
    }

    [Fact]
    public async Task Nobody_waits_for_numbers_that_are_all_retired_or_acknowledged()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        await peer.QueueAsync(9);
        PeerRecord record = peer.Record;
        Assert.False(record.IsSettled(1, 1));
        foreach (long number in new long[] { 3, 4, 6 })
        {
            record.Retire(number, 0);
        }

        Assert.Equal([true, true, true, false, false, false], new[] { (3, 3), (3, 4), (6, 6), (2, 4), (3, 5), (3, 6) }.Select(range => record.IsSettled(range.Item1, range.Item2)));
        Assert.True(record.Acknowledge(3));
        Assert.Equal([true, true, false, false], new[] { (1, 3), (1, 4), (1, 5), (5, 6) }.Select(range => record.IsSettled(range.Item1, range.Item2)));
        Assert.True(record.Acknowledge(5));
        Assert.True(record.IsSettled(1, 6));
        Assert.False(record.IsSettled(1, 7));
    }

    [Fact]
    public void Retired_numbers_are_forgotten_with_their_bytes_up_to_one()
    {
        RetiredNumbers numbers = new();
        Assert.Equal((0, 0), numbers.ForgetUpTo(9));
        Assert.Equal([true, true, true, false], new[] { (3, 30), (1, 10), (2, 20), (3, 1) }.Select(number => numbers.Add(number.Item1, number.Item2)));
        Assert.Equal((2, 30), numbers.ForgetUpTo(2));
        Assert.Equal(1, numbers.Count);
        Assert.Equal((1, 30), numbers.ForgetUpTo(3));
        Assert.Equal((0, 0), numbers.ForgetUpTo(3));
    }

    [Fact]
    public void A_time_is_over_at_its_millisecond()
    {
        StillClock clock = new();
        OutboxTail tail = new(Limits.Default, clock, 0, 0, () => { });
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Equal(OutboxTake.Expired, tail.TryTake(1, now - 1));
        Assert.Equal(OutboxTake.Expired, tail.TryTake(1, now));
        Assert.True(tail.TryHold(1), "what has expired was not taken");
        tail.Settle(1, retired: false);
        Assert.Equal(OutboxTake.Taken, tail.TryTake(1, now + 1));
        Assert.Equal(OutboxTake.Taken, tail.TryTake(2, 0));
    }

    [Fact]
    public void What_may_be_sent_only_grows_and_the_sender_is_woken_each_time()
    {
        OutboxTail tail = Tail();
        tail.Announce(5);
        tail.Announce(3);
        Assert.Equal(5, tail.StoredUpTo);
        tail.Announce(6);
        Assert.Equal(6, tail.StoredUpTo);
        tail.Wake();
        Assert.Equal(4, _woken);
    }

    [Fact]
    public async Task Messages_are_given_out_by_number_and_older_ones_dropped()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        IReadOnlyList<ChatMessage> messages = await peer.QueueAsync(4);
        OutboxTail tail = Tail();
        foreach (ChatMessage message in messages)
        {
            tail.Add(message);
        }

        Assert.Equal(OutboxTake.Taken, tail.TryTake(2, out ChatMessage? second));
        Assert.Same(messages[1], second);
        Assert.Equal(OutboxTake.NotHere, tail.TryTake(2, out _));
        Assert.True(tail.TryHold(3));
        Assert.Equal(OutboxTake.Held, tail.TryTake(3, out _));
        tail.Settle(3, retired: false);
        Assert.Equal(OutboxTake.Taken, tail.TryTake(3, out ChatMessage? third));
        Assert.Same(messages[2], third);
        Assert.Equal(OutboxTake.NotHere, tail.TryTake(1, out _));
        Assert.Equal(OutboxTake.Taken, tail.TryTake(4, out _));
    }

    [Theory]
    [InlineData(2, int.MaxValue, 1)] // two fit; the third empties it first
    [InlineData(3, int.MaxValue, 3)]
    [InlineData(4, int.MaxValue, 3)]
    [InlineData(9, 11, 1)] // texts of six bytes: past eleven with the second
    [InlineData(9, 12, 3)]
    public async Task Past_its_bound_the_tail_is_emptied_and_the_store_read(int count, int bytes, int left)
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        IReadOnlyList<ChatMessage> messages = await peer.QueueAsync(3);
        OutboxTail tail = new(Limits.Default with { OutboxTail = count, OutboxTailBytes = bytes }, _clock, 0, 0, () => { });
        foreach (ChatMessage message in messages)
        {
            tail.Add(message);
        }

        Assert.Equal(left, Enumerable.Range(1, 3).Count(number => tail.TryTake(number, out _) == OutboxTake.Taken));
    }

    [Fact]
    public async Task What_was_taken_makes_room()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        IReadOnlyList<ChatMessage> messages = await peer.QueueAsync(6);
        OutboxTail tail = new(Limits.Default with { OutboxTail = 2, OutboxTailBytes = 11 }, _clock, 0, 0, () => { });
        foreach (ChatMessage message in messages)
        {
            tail.Add(message);
            Assert.Equal(OutboxTake.Taken, tail.TryTake(message.SequenceOf(messages), out _));
        }
    }

    private OutboxTail Tail(long takenUpTo = 0) => new(Limits.Default, _clock, takenUpTo, 0, () => _woken++);

    private sealed class StillClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);
    }
}

/// <summary>The first message queued has number 1.</summary>
file static class Numbers
{
    public static long SequenceOf(this ChatMessage message, IReadOnlyList<ChatMessage> all) => all.TakeWhile(other => other != message).Count() + 1;
}
