using Microsoft.Extensions.Time.Testing;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>How a conversation begins, keeps itself alive and ends.</summary>
public class ConversationLifeTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Silence_brings_a_Ping_and_one_is_enough_for_its_time()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync(time: _clock);
        ulong first = (await peer.HearAsync<PingFrame>()).Token; // the one that comes with the flow
        _clock.Advance(Limits.Default.PingAfter - s_moment);
        peer.Conversation.Tick();
        _clock.Advance(s_moment);
        peer.Conversation.Tick();
        Assert.Equal(first + 1, (await peer.HearAsync<PingFrame>()).Token);
        peer.Conversation.Tick();
        _clock.Advance(Limits.Default.PingAfter);
        peer.Conversation.Tick();
        Assert.Equal(first + 2, (await peer.HearAsync<PingFrame>()).Token);
        await peer.AssertGoesOnAsync();
    }

    [Fact]
    public async Task Whatever_the_peer_says_ends_its_silence()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync(time: _clock);
        ulong first = (await peer.HearAsync<PingFrame>()).Token;
        _clock.Advance(Limits.Default.PingAfter - s_moment);
        await peer.AssertGoesOnAsync();
        _clock.Advance(s_moment);
        peer.Conversation.Tick(); // no ping is due
        _clock.Advance(Limits.Default.PingAfter);
        peer.Conversation.Tick();
        Assert.Equal(first + 1, (await peer.HearAsync<PingFrame>()).Token);
    }

    [Fact]
    public async Task After_long_silence_the_conversation_is_dead_and_not_before()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync(time: _clock);
        _clock.Advance(Limits.Default.DeadAfter - s_moment);
        peer.Conversation.Tick();
        await peer.AssertGoesOnAsync();
        _clock.Advance(Limits.Default.DeadAfter);
        peer.Conversation.Tick();
        ConversationEnd end = await peer.EndAsync();
        Assert.Equal((null, false), (end.Reason, end.ByRemote));
        Assert.NotNull(end.Failure);
    }

    [Fact]
    public async Task Keys_that_carried_a_message_and_grew_too_old_end_the_conversation()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync(time: _clock);
        await peer.SayMessageAsync(1);
        await peer.HearAsync<AckFrame>();
        while (_clock.GetUtcNow() < _clock.Start + Limits.Default.RekeyOverdue - s_moment)
        {
            TimeSpan left = _clock.Start + Limits.Default.RekeyOverdue - s_moment - _clock.GetUtcNow();
            _clock.Advance(left < Limits.Default.PingAfter ? left : Limits.Default.PingAfter);
            peer.Conversation.Tick();
            await peer.AssertGoesOnAsync();
        }

        _clock.Advance(s_moment);
        peer.Conversation.Tick();
        Assert.NotNull((await peer.EndAsync()).Failure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_dials_us_hears_first_who_we_are_and_whether_to_wait(bool waits)
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync(saysWait: waits);
        peer.Conversation.Close(CloseReason.Goodbye);
        List<object> heard = await peer.HearAllAsync();
        Assert.Equal([("us", "", 1, waits), new CloseFrame(CloseReason.Goodbye)], heard);
    }

    [Fact]
    public async Task Who_is_refused_hears_that_and_nothing_else()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync(refuses: true);
        await peer.SayAsync(d => FrameEncoder.Encode(new PingFrame(1), d));
        await peer.Conversation.Established.WaitAsync(TwoPeers.Patience);
        peer.Conversation.Close(CloseReason.Refused);
        Assert.Equal([new CloseFrame(CloseReason.Refused)], await peer.HearAllAsync());
    }

    [Fact]
    public async Task Our_farewell_is_told_from_theirs_and_the_first_reason_stays()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync();
        peer.Conversation.Close(CloseReason.Disconnected);
        peer.Conversation.Close(CloseReason.Duplicate);
        Assert.Equal(CloseReason.Disconnected, (await peer.HearAsync<CloseFrame>()).Reason);
        ConversationEnd end = await peer.EndAsync();
        Assert.Equal((CloseReason.Disconnected, false, null), (end.Reason, end.ByRemote, end.Failure));
        Assert.Null(peer.Conversation.RemoteClose);
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_a_farewell_has_its_time()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync(time: _clock);
        peer.Conversation.Close(CloseReason.Goodbye);
        await peer.HearAsync<CloseFrame>();
        Task<ConversationEnd> end = peer.EndAsync();
        await TwoPeers.UntilAsync(() =>
        {
            _clock.Advance(Limits.Default.Farewell / 10); // again and again: the wait for their end may begin only now
            return end.IsCompleted;
        });
        Assert.Equal(CloseReason.Goodbye, (await end).Reason);
    }

    [Fact]
    public async Task A_peer_is_let_in_once()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        peer.Conversation.Accept(peer.Record);
        peer.Conversation.Accept(peer.Record);
        await peer.AssertGoesOnAsync();
        peer.Conversation.Accept(peer.Record);
        peer.Conversation.Close(CloseReason.Goodbye);
        Assert.DoesNotContain(await peer.HearAllAsync(), frame => frame is ResumeFrame);
    }

    [Fact]
    public async Task The_store_tells_a_peer_of_messages_while_it_is_connected()
    {
        await using HandMadePeer first = await HandMadePeer.MeetAsync();
        Assert.Null(first.Record.Tail);
        Assert.False(first.Conversation.Flowing);
        await using HandMadePeer flowing = await HandMadePeer.FlowAsync(before: first);
        await flowing.AssertGoesOnAsync();
        OutboxTail? tail = flowing.Record.Tail;
        Assert.NotNull(tail);
        await using HandMadePeer newer = await HandMadePeer.FlowAsync(before: first);
        await newer.AssertGoesOnAsync();
        Assert.NotSame(tail, newer.Record.Tail);
        await flowing.LeaveAsync();
        Assert.NotNull(newer.Record.Tail); // an older conversation that ends takes nothing from a newer one
        await newer.LeaveAsync();
        Assert.Null(newer.Record.Tail);
        Assert.False(newer.Conversation.Flowing);
    }

    [Fact]
    public async Task The_first_frame_of_the_peer_establishes_the_conversation()
    {
        await using HandMadePeer peer = await HandMadePeer.MeetAsync();
        Assert.False(peer.Conversation.Established.IsCompleted);
        await peer.AssertGoesOnAsync();
        await peer.Conversation.Established.WaitAsync(TwoPeers.Patience);
        Assert.Equal("them", peer.Conversation.Profile!.Value.Name);
    }
}
