using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>What happens when, to the second: no time passes but the test's own.</summary>
public sealed class TimeTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly IdentityKeyPair _raw = IdentityKeyPair.Generate(SystemRandomSource.Instance);

    public void Dispose() => _raw.Dispose();

    [Fact]
    public async Task After_fourteen_seconds_of_silence_comes_a_ping_and_after_thirty_two_the_end()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", time: _time);
        await using RawPeer raw = await FlowingAsync(bob);

        Pass(13);
        Assert.DoesNotContain(await MarkAsync(bob, raw), static frame => frame is PingFrame);
        Pass(1);
        await raw.UntilAsync<PingFrame>();
        Pass(13);
        Assert.DoesNotContain(await MarkAsync(bob, raw), static frame => frame is PingFrame);
        Pass(1);
        await raw.UntilAsync<PingFrame>();
        Pass(3);
        await MarkAsync(bob, raw); // at 31 s it still speaks
        Assert.Equal(ChatPeerState.Online, bob.GetPeers().Single().State);
        Pass(1);
        Assert.DoesNotContain(await raw.UntilEndAsync(), static frame => frame is CloseFrame);
        await bob.WhenForTestingOnlyAsync(() => bob.GetPeers().Single() is { State: ChatPeerState.Offline, Reason: "it does not answer" }, TwoPeers.Patience);
    }

    [Fact]
    public async Task Whatever_comes_counts_as_a_sign_of_life()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", time: _time);
        await using RawPeer raw = await FlowingAsync(bob);
        for (int i = 0; i < 10; i++)
        {
            Pass(13);
            Assert.DoesNotContain(await raw.BeHeardAsync(), static frame => frame is PingFrame);
        }

        Pass(31);
        await MarkAsync(bob, raw);
        Pass(1);
        await raw.UntilEndAsync();
    }

    [Fact]
    public async Task The_dialler_renews_keys_that_carried_a_message_for_two_minutes()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", time: _time);
        await using RawPeer raw = await DialledAsync(bob);
        await MarkAsync(bob, raw);

        await PassAliveAsync(raw, 119, static frame => Assert.False(IsRekey(frame)));
        Assert.DoesNotContain(await MarkAsync(bob, raw), IsRekey);
        Pass(1);
        await raw.UntilAsync(IsRekey);
    }

    [Fact]
    public async Task Keys_that_carried_no_message_are_not_renewed()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", time: _time);
        await using RawPeer raw = await DialledAsync(bob);
        await PassAliveAsync(raw, 200, static frame => Assert.False(IsRekey(frame)));
        Assert.DoesNotContain(await MarkAsync(bob, raw), IsRekey);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keys_that_nobody_renews_end_the_connection_after_three_minutes(bool bobDials)
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", time: _time);
        await using RawPeer raw = bobDials ? await DialledAsync(bob) : await FlowingAsync(bob);
        await MarkAsync(bob, raw);
        await PassAliveAsync(raw, 179, static _ => { });
        await MarkAsync(bob, raw);
        Pass(1);
        Assert.DoesNotContain(await raw.UntilEndAsync(), static frame => frame is CloseFrame);
    }

    [Theory]
    [InlineData(9_999, true)]
    [InlineData(10_000, false)]
    public async Task The_third_message_has_to_come_within_ten_seconds(int milliseconds, bool inTime)
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", time: _time);
        await using RawPeer raw = await RawPeer.DialAsync(bob.Server.Port, _raw, _time, beforeThird: () => _time.Advance(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(inTime, await Record.ExceptionAsync(raw.FlowAsync) is null);
        Assert.Equal(inTime ? 1 : 0, bob.GetPeers().Count);
    }

    [Theory]
    [InlineData(9_999, true)]
    [InlineData(10_000, false)]
    public async Task The_first_record_has_to_come_within_the_same_ten_seconds(int milliseconds, bool inTime)
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", time: _time);
        await using RawPeer raw = await RawPeer.DialAsync(bob.Server.Port, _raw, _time);
        await raw.UntilAsync(RawPeer.IsHello); // and we say nothing
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        if (inTime)
        {
            await raw.BeHeardAsync();
        }
        else
        {
            await raw.UntilEndAsync();
            Assert.Empty(bob.GetPeers());
        }
    }

    [Fact]
    public async Task A_message_expires_at_its_time_and_not_before()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", time: _time);
        await (await FlowingAsync(bob)).DisposeAsync();
        await bob.WhenForTestingOnlyAsync(() => bob.GetPeers().Single().State == ChatPeerState.Offline, TwoPeers.Patience);
        ChatSender sender = bob.OpenSender();
        ChatMessage message = await sender.QueueAsync(_raw.PublicKey.Fingerprint, "late", null, TimeSpan.FromHours(1), TwoPeers.Patience);
        await sender.FlushAsync(TwoPeers.Patience);

        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        await bob.WriterBarrierForTestingOnlyAsync(TwoPeers.Patience);
        Assert.Equal(ChatMessageState.Queued, bob.FindMessages(message.Id).Single().State);
        Pass(1); // the next beat of the clock
        await bob.WhenForTestingOnlyAsync(() => bob.FindMessages(message.Id).Single().State == ChatMessageState.Expired, TwoPeers.Patience);
    }

    [Fact]
    public async Task An_invitation_ends_at_its_time_and_not_before()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", time: _time);
        await bob.InviteAsync([], null, TimeSpan.FromHours(1), TwoPeers.Patience);
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.Single(bob.GetInvitations());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Empty(bob.GetInvitations());
    }

    private static bool IsRekey(object frame) => frame is ValueTuple<int, string>;

    private void Pass(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _time.Advance(s_second);
        }
    }

    // Time passes while the raw peer shows that it lives.
    private async Task PassAliveAsync(RawPeer raw, int seconds, Action<object> each)
    {
        for (int passed = 0; passed < seconds; passed += 7)
        {
            Pass(Math.Min(7, seconds - passed));
            (await raw.BeHeardAsync()).ForEach(each);
        }
    }

    private async Task<RawPeer> FlowingAsync(ChatEngine engine)
    {
        RawPeer raw = await RawPeer.DialAsync(engine.Server.Port, _raw, _time);
        await raw.FlowAsync();
        await engine.WhenForTestingOnlyAsync(() => engine.GetPeers().SingleOrDefault() is { State: ChatPeerState.Online, RoundTrip: not null }, TwoPeers.Patience);
        await raw.BeHeardAsync();
        return raw;
    }

    private async Task<RawPeer> DialledAsync(ChatEngine engine)
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<ChatPeer> connecting = engine.ConnectAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, null, null, TwoPeers.Patience);
        RawPeer raw = await RawPeer.AcceptAsync(listener, _raw, _time);
        listener.Stop();
        await raw.UntilAsync<ResumeFrame>();
        await raw.ResumeAsync();
        await connecting;
        await raw.BeHeardAsync();
        return raw;
    }

    // A message of the engine's: what it had sent before stands before it.
    private static async Task<List<object>> MarkAsync(ChatEngine engine, RawPeer raw)
    {
        await TwoPeers.SendAsync(engine, "raw", "mark");
        return await raw.UntilAsync(static frame => frame is ValueTuple<long, Guid, long, string, Guid?, long, ChatMessageKind>);
    }
}
