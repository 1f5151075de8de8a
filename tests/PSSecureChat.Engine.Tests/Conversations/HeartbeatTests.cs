using Microsoft.Extensions.Time.Testing;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

public class HeartbeatTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_silent_conversation_is_asked_twice_and_is_dead_in_its_time()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync(time: _clock);
        ulong first = (await peer.HearAsync<PingFrame>()).Token; // the one that comes with the flow
        Heartbeat heartbeat = new(_clock);
        heartbeat.Add(peer.Conversation);
        List<(int At, ulong Token)> asked = [];
        for (int second = 0; second < 32; second++)
        {
            heartbeat.Beat();
            if (second is 14 or 28)
            {
                asked.Add((second, (await peer.HearAsync<PingFrame>()).Token));
            }

            _clock.Advance(s_second);
        }

        Assert.Equal([(14, first + 1), (28, first + 2)], asked);
        heartbeat.Beat();
        ConversationEnd end = await peer.EndAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(end.Failure);
        Assert.Empty((await peer.HearAllAsync()).OfType<PingFrame>());
    }

    [Fact]
    public async Task A_conversation_that_speaks_is_asked_fourteen_to_sixteen_seconds_after_its_last_word()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync(time: _clock);
        ulong first = (await peer.HearAsync<PingFrame>()).Token;
        Heartbeat heartbeat = new(_clock);
        heartbeat.Add(peer.Conversation);
        heartbeat.Beat();
        _clock.Advance(9 * s_second);
        await peer.AssertGoesOnAsync();
        for (int second = 10; second <= 23; second++)
        {
            _clock.Advance(s_second);
            heartbeat.Beat();
        }

        await peer.AssertGoesOnAsync(); // the time of its own has come, but not that of all whose times lie close
        _clock.Advance(14 * s_second);
        heartbeat.Beat();
        _clock.Advance(s_second);
        heartbeat.Beat();
        Assert.Equal(first + 1, (await peer.HearAsync<PingFrame>()).Token);
    }

    [Fact]
    public async Task A_hastened_conversation_looks_with_the_next_beat_and_with_no_other()
    {
        await using HandMadePeer peer = await HandMadePeer.FlowAsync(time: _clock);
        ulong first = (await peer.HearAsync<PingFrame>()).Token;
        Heartbeat heartbeat = new(_clock);
        _clock.Advance(Limits.Default.PingAfter);
        heartbeat.Hasten(peer.Conversation);
        heartbeat.Hasten(peer.Conversation);
        heartbeat.Beat();
        Assert.Equal(first + 1, (await peer.HearAsync<PingFrame>()).Token);
        _clock.Advance(Limits.Default.PingAfter);
        heartbeat.Beat();
        heartbeat.Hasten(peer.Conversation);
        heartbeat.Beat();
        Assert.Equal(first + 2, (await peer.HearAsync<PingFrame>()).Token);
    }
}
