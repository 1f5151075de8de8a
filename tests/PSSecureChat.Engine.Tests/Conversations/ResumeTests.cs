using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>Where messages go on, and what an acknowledgement says.</summary>
public class ResumeTests
{
    // A farewell has its time by the real clock; a busy machine must not end it.
    private static readonly Limits s_patient = Limits.Default with { Farewell = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task More_records_come_in_than_may_wait_for_their_commit_at_once()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync();
        for (int number = 1; number <= 3 * Limits.Default.ReceiveBatches; number++)
        {
            await peer.SayMessageAsync(number); // a record each
        }

        while ((await peer.HearAsync<AckFrame>()).Sequence < 3 * Limits.Default.ReceiveBatches)
        {
        }
    }

    [Fact]
    public async Task What_is_committed_is_acknowledged_and_each_number_once()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync();
        await peer.SayMessageAsync(1, 2, 3);
        Assert.Equal(3, (await peer.HearAsync<AckFrame>()).Sequence);
        Assert.Equal((peer.Stream, 3), (peer.Record.In.Stream, peer.Record.In.Received));
        Assert.Equal(3, peer.Record.Unread);
        await peer.SayAsync(HandMadePeer.Message(4), d => FrameEncoder.Encode(new SkipFrame(9), d));
        Assert.Equal(9, (await peer.HearAsync<AckFrame>()).Sequence);
        await peer.SayMessageAsync(10);
        Assert.Equal(10, (await peer.HearAsync<AckFrame>()).Sequence);
        Assert.Equal(5, peer.Record.Unread);
    }

    [Fact]
    public async Task A_new_conversation_says_what_was_committed_and_goes_on_behind_it()
    {
        await using HandMadePeer first = await HandMadePeer.FlowAsync();
        await first.SayMessageAsync(1, 2, 3);
        await first.HearAsync<AckFrame>();
        await first.LeaveAsync();

        await using HandMadePeer second = await HandMadePeer.MeetAsync(before: first);
        second.Conversation.Accept(second.Record);
        ResumeFrame ours = await second.HearAsync<ResumeFrame>();
        Assert.Equal(new ResumeFrame(first.Store.Stream, 0, first.Stream, 3), ours);
        await second.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(first.Stream, 1, Guid.Empty, 0), d), HandMadePeer.Message(4));
        Assert.Equal(4, (await second.HearAsync<AckFrame>()).Sequence);
        Assert.Equal(4, second.Record.Unread);
    }

    [Fact]
    public async Task A_peer_that_goes_on_further_on_is_followed()
    {
        await using HandMadePeer first = await HandMadePeer.FlowAsync();
        await first.SayMessageAsync(1);
        await first.HearAsync<AckFrame>();
        await first.LeaveAsync();
        await using HandMadePeer second = await HandMadePeer.FlowAsync(from: 7, before: first);
        await second.SayMessageAsync(8);
        Assert.Equal(8, (await second.HearAsync<AckFrame>()).Sequence);
        Assert.Equal(2, second.Record.Unread);
    }

    [Fact]
    public async Task Another_stream_begins_where_it_says_and_not_where_the_old_one_was()
    {
        await using HandMadePeer first = await HandMadePeer.FlowAsync();
        await first.SayMessageAsync(1, 2, 3);
        await first.HearAsync<AckFrame>();
        await first.LeaveAsync();
        await using HandMadePeer second = await HandMadePeer.MeetAsync(before: first);
        second.Conversation.Accept(second.Record);
        Guid other = Guid.NewGuid();
        await second.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(other, 1, Guid.Empty, 0), d), HandMadePeer.Message(2));
        Assert.Equal(2, (await second.HearAsync<AckFrame>()).Sequence);
        Assert.Equal((other, 2), (second.Record.In.Stream, second.Record.In.Received));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 4)]
    public async Task What_the_peer_has_is_not_sent_again(long has, long next)
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        await peer.QueueAsync(3);
        peer.Conversation.Accept(peer.Record);
        await peer.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(peer.Stream, 0, peer.Store.Stream, has), d));
        await peer.HearAsync<ResumeFrame>();
        await peer.QueueAsync(1);
        Assert.Equal(next, await peer.HearMessageAsync());
        await peer.AssertGoesOnAsync(); // the Resume was taken to its end
        Assert.Equal(has, peer.Record.OutAcked);
    }

    [Fact]
    public async Task A_peer_that_knows_another_stream_gets_what_it_has_not_acknowledged()
    {
        await using HandMadePeer first = await HandMadePeer.FlowAsync();
        await first.QueueAsync(3);
        while (await first.HearMessageAsync() != 3)
        {
        }

        await first.SayAsync(d => FrameEncoder.Encode(new AckFrame(1), d));
        await first.AssertGoesOnAsync();
        Assert.Equal(1, first.Record.OutAcked);
        await first.LeaveAsync();

        await using HandMadePeer second = await HandMadePeer.MeetAsync(before: first);
        second.Conversation.Accept(second.Record);
        await second.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(second.Stream, 0, Guid.NewGuid(), 3), d));
        Assert.Equal(1, (await second.HearAsync<ResumeFrame>()).Base);
        Assert.Equal(2, await second.HearMessageAsync());
    }

    [Fact]
    public async Task A_peer_that_forgets_what_it_acknowledged_does_not_get_it_again()
    {
        await using HandMadePeer first = await HandMadePeer.FlowAsync();
        await first.QueueAsync(3);
        while (await first.HearMessageAsync() != 3)
        {
        }

        await first.SayAsync(d => FrameEncoder.Encode(new AckFrame(2), d));
        await first.AssertGoesOnAsync();
        await first.LeaveAsync();
        await using HandMadePeer second = await HandMadePeer.MeetAsync(before: first);
        second.Conversation.Accept(second.Record);
        await second.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(second.Stream, 0, first.Store.Stream, 1), d));
        Assert.Equal(3, await second.HearMessageAsync());
        Assert.Equal(2, second.Record.OutAcked);
    }

    [Fact]
    public async Task A_peer_that_has_more_than_was_ever_sent_makes_us_begin_another_stream()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync(limits: s_patient);
        await peer.QueueAsync(3);
        Guid stream = peer.Store.Stream;
        peer.Conversation.Accept(peer.Record);
        await peer.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(peer.Stream, 0, stream, 4), d));
        Assert.Equal(CloseReason.Goodbye, (await peer.HearAsync<CloseFrame>()).Reason);
        Assert.NotEqual(stream, peer.Store.Stream);
        Assert.Equal(0, peer.Record.OutAcked);
        Assert.False(peer.Conversation.Flowing);
    }

    [Fact]
    public async Task An_acknowledgement_reaches_as_far_as_what_was_sent()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync();
        await peer.QueueAsync(2);
        while (await peer.HearMessageAsync() != 2)
        {
        }

        Assert.Equal(2, peer.Conversation.SentUpTo);
        await peer.SayAsync(d => FrameEncoder.Encode(new AckFrame(2), d));
        await peer.AssertGoesOnAsync();
        await peer.SayAsync(d => FrameEncoder.Encode(new AckFrame(1), d)); // an older one changes nothing
        await peer.AssertGoesOnAsync();
        Assert.Equal(2, peer.Record.OutAcked);
        await peer.SayAsync(d => FrameEncoder.Encode(new AckFrame(3), d));
        await peer.AssertEndsAsync("an acknowledgement of what was not sent");
    }

    [Fact]
    public async Task A_message_that_waited_and_one_that_comes_now_leave_in_order()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        await peer.QueueAsync(300); // more than one page of the store
        peer.Conversation.Accept(peer.Record);
        await peer.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(peer.Stream, 0, Guid.Empty, 0), d));
        await peer.QueueAsync(300);
        for (long number = 1; number <= 600; number++)
        {
            Assert.Equal(number, await peer.HearMessageAsync());
        }
    }

    [Fact]
    public async Task A_Pong_to_our_Ping_measures_the_round_trip_and_any_other_does_not()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync();
        PingFrame ping = await peer.HearAsync<PingFrame>();
        await peer.SayAsync(d => FrameEncoder.Encode(new PongFrame(ping.Token + 1), d));
        await peer.AssertGoesOnAsync();
        Assert.Null(peer.Conversation.RoundTrip);
        await peer.SayAsync(d => FrameEncoder.Encode(new PongFrame(ping.Token), d));
        await peer.AssertGoesOnAsync();
        Assert.True(peer.Conversation.RoundTrip > TimeSpan.Zero);
    }

    [Theory]
    [InlineData(CloseReason.Goodbye, true)]
    [InlineData(CloseReason.Disconnected, true)]
    [InlineData(CloseReason.Duplicate, false)]
    [InlineData(CloseReason.StoreFailure, false)]
    public async Task Who_leaves_in_order_sends_what_is_queued_first(object reason, bool sends)
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync(limits: s_patient);
        await peer.QueueAsync(200);
        peer.Conversation.Accept(peer.Record);
        await peer.HearAsync<ResumeFrame>();
        await peer.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(peer.Stream, 0, Guid.Empty, 0), d));
        if (sends)
        {
            await peer.HearMessageAsync();
        }

        peer.Conversation.Close((CloseReason)reason);
        if (sends)
        {
            while (await peer.HearMessageAsync() != 200)
            {
            }
        }

        Assert.Equal((CloseReason)reason, (await peer.HearAsync<CloseFrame>()).Reason);
        await peer.SayAsync(d => FrameEncoder.Encode(new CloseFrame(CloseReason.Goodbye), d));
        Assert.Equal(CloseReason.Goodbye, (await peer.EndAsync()).Reason);
    }
}
