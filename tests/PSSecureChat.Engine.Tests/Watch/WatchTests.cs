using System.Threading.Channels;
using PSSecureChat.Engine.Tests.Conversations;
using PSSecureChat.Engine.Tests.Trust;
using PSSecureChat.Engine.Watch;

namespace PSSecureChat.Engine.Tests.Watch;

public class WatchTests
{
    [Fact]
    public async Task A_changed_key_is_told_with_both_fingerprints()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        ChatEngine bob = await Party.StartAsync("bob");
        await ana.DialAsync(bob);
        await bob.StopAsync();
        Channel<ChatEventArgs> told = Channel.CreateUnbounded<ChatEventArgs>();
        using ChatWatch watch = ChatWatch.Start(ana, ChatEventName.PeerKeyChanged, static name => name == "bob", told.Writer.WriteAsync);

        await using ChatEngine other = await Party.StartAsync("bob", port: bob.Server.Port);

        ChatEventArgs seen = await told.Reader.ReadAsync(TwoPeers.Patience);
        Assert.Equal((1L, bob.Server.Fingerprint, other.Server.Fingerprint), (seen.Number, seen.Peer!.Fingerprint, seen.Peer.NewFingerprint));
    }

    [Fact]
    public async Task A_server_that_fails_is_told_and_ends_the_watch()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana");
        Channel<ChatEventArgs> told = Channel.CreateUnbounded<ChatEventArgs>();
        using ChatWatch watch = ChatWatch.Start(ana, ChatEventName.ServerFailed, static _ => true, told.Writer.WriteAsync);

        ana.FailForTestingOnly(new IOException("the disk is gone"));

        Assert.Equal("the disk is gone", (await told.Reader.ReadAsync(TwoPeers.Patience)).Failure);
        await ana.StopAsync();
        Assert.Null(watch.Failure);
    }

    [Fact]
    public async Task Who_is_slow_to_listen_hears_later_and_everything_and_whoever_stops_hears_no_more()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        Channel<ChatEventArgs> told = Channel.CreateBounded<ChatEventArgs>(1);
        ChatWatch watch = ChatWatch.Start(peers.Bob, ChatEventName.MessageReceived, static _ => true, told.Writer.WriteAsync);
        for (int i = 1; i <= 600; i++)
        {
            await TwoPeers.SendAsync(peers.Ana, "bob", $"{i}");
        }

        await TwoPeers.UntilAsync(() => peers.Bob.GetPeers()[0].Unread == 600);
        for (int i = 1; i <= 599; i++)
        {
            ChatEventArgs seen = await told.Reader.ReadAsync(TwoPeers.Patience);
            Assert.Equal(($"{i}", (long)i), (seen.Message!.Text, seen.Number));
        }

        watch.Dispose();
        watch.Dispose();
        Assert.False(peers.Bob.StoredStates.IsWanted);
    }

    [Fact]
    public async Task The_writer_keeps_states_only_while_somebody_watches()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana");
        Assert.False(ana.StoredStates.IsWanted);
        ChatWatch watch = ChatWatch.Start(ana, ChatEventName.MessageStateChanged, static _ => true, static (_, _) => default);
        Assert.True(ana.StoredStates.IsWanted);
        watch.Dispose();
        await TwoPeers.UntilAsync(() => !ana.StoredStates.IsWanted);
    }

    [Theory]
    [InlineData(Limits.MaxStatesWaiting - 1, 0)]
    [InlineData(Limits.MaxStatesWaiting, 0)]
    [InlineData(Limits.MaxStatesWaiting + 1, 1)]
    public void So_many_states_wait_and_others_are_counted(int states, int leftOut)
    {
        StateObserver observer = new();
        for (int i = 0; i < states; i++)
        {
            observer.Add(i);
        }

        int taken = 0;
        while (observer.TryTake(out long row))
        {
            Assert.Equal(taken++, row);
        }

        Assert.Equal((states - leftOut, leftOut, 0), (taken, observer.TakeLeftOut(), observer.TakeLeftOut()));
    }
}
