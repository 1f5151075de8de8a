using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Trust;

public sealed class BlockAndRemoveTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    private string AnaPath => Path.Combine(_root, "ana");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_right_safety_number_verifies_with_or_without_spaces_and_a_wrong_one_changes_nothing()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        string bob = peers.Bob.Server.Fingerprint;
        string number = peers.Ana.Peer("bob").SafetyNumber;
        Assert.Equal(number, peers.Bob.Peer("ana").SafetyNumber);
        string wrong = (number[0] == '0' ? '1' : '0') + number[1..];
        Assert.Equal(ChatErrorId.FingerprintMismatch, await Party.ErrorOfAsync(() => peers.Ana.ConfirmAsync(bob, wrong, TwoPeers.Patience)));
        Assert.Equal(ChatErrorId.FingerprintMismatch, await Party.ErrorOfAsync(() => peers.Ana.ConfirmAsync(bob, number[..^1], TwoPeers.Patience)));
        Assert.Equal(ChatTrust.Unverified, peers.Ana.Peer("bob").Trust);

        await peers.Ana.ConfirmAsync(bob, number.Replace(" ", "", StringComparison.Ordinal), TwoPeers.Patience);

        Assert.Equal(ChatTrust.Verified, peers.Ana.Peer("bob").Trust);
    }

    [Fact]
    public async Task A_blocked_peer_is_refused_also_after_a_restart_until_it_is_unblocked()
    {
        int port;
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using (ChatEngine ana = await Party.StartAsync("ana", path: AnaPath))
        {
            port = ana.Server.Port;
            await bob.DialAsync(ana);
            await ana.BlockAsync(bob.Server.Fingerprint, TwoPeers.Patience);
            Assert.Equal(ChatErrorId.PeerBlocked, await Party.ErrorOfAsync(() => TwoPeers.SendAsync(ana, "bob", "x")));
            Assert.Equal(ChatErrorId.PeerBlocked, await Party.ErrorOfAsync(() => ana.DialAsync(bob)));
            await bob.UntilAsync(() => bob.Peer("ana").Reason == "its user blocks us, or it takes no strangers");
        }

        await using ChatEngine again = await Party.StartAsync("ana", path: AnaPath, port: port);
        Assert.Equal(ChatPeerState.Blocked, again.Peer("bob").State);
        Assert.Equal(ChatErrorId.RefusedByPeer, await Party.ErrorOfAsync(() => bob.DialAsync(again)));
        await TwoPeers.SendAsync(bob, "ana", "let me in");

        await again.UnblockAsync(bob.Server.Fingerprint, TwoPeers.Patience);

        await again.UntilReceivedAsync(1);
        Assert.Equal(["let me in"], again.Texts());
    }

    [Fact]
    public async Task A_blocked_request_is_a_stranger_again_when_it_is_unblocked()
    {
        await using ChatEngine ana = await Party.StartAsync("ana", ChatAcceptance.Request);
        await using ChatEngine bob = await Party.StartAsync("bob");
        await bob.DialAsync(ana);
        await ana.UntilAsync("bob", ChatPeerState.Requested);
        await ana.BlockAsync(bob.Server.Fingerprint, TwoPeers.Patience);
        Assert.Equal(ChatPeerState.Blocked, ana.Peer("bob").State);
        Assert.Equal(ChatErrorId.PeerBlocked, await Party.ErrorOfAsync(() => ana.ApproveAsync(bob.Server.Fingerprint, ana.FindPeer(bob.Server.Fingerprint)?.NewFingerprint, null, TwoPeers.Patience)));

        await ana.UnblockAsync(bob.Server.Fingerprint, TwoPeers.Patience);

        await ana.UntilAsync("bob", ChatPeerState.Requested); // it asks again by itself
    }

    [Fact]
    public async Task A_removed_peer_and_its_messages_are_gone_for_good_and_the_others_stay()
    {
        await using ChatEngine carol = await Party.StartAsync("carol");
        await using ChatEngine bob = await Party.StartAsync("bob");
        long last;
        await using (ChatEngine ana = await Party.StartAsync("ana", path: AnaPath))
        {
            await ana.DialAsync(carol);
            await ana.DialAsync(bob);
            await WireTests.DeliverAsync(ana, "carol", "stays");
            await WireTests.DeliverAsync(ana, "bob", "goes");
            await WireTests.DeliverAsync(bob, "ana", "goes, too");
            last = ana.LastIndex;
            await ana.RemoveAsync(bob.Server.Fingerprint, TwoPeers.Patience);
            Assert.Equal("carol", Assert.Single(ana.GetPeers()).Name);
            Assert.Equal("stays", Assert.Single(ana.ReadMessages(new MessageQuery(), TwoPeers.Patience)).Text);
            Assert.Equal(ChatErrorId.PeerUnknown, await Party.ErrorOfAsync(() => ana.RemoveAsync(bob.Server.Fingerprint, TwoPeers.Patience)));
        }

        await bob.UntilAsync(() => bob.Peer("ana").Reason == "it disconnected");
        await using ChatEngine again = await Party.StartAsync("ana", path: AnaPath);
        Assert.Equal("carol", Assert.Single(again.GetPeers()).Name);
        Assert.Equal("stays", Assert.Single(again.ReadMessages(new MessageQuery(), TwoPeers.Patience)).Text);
        // Numbers are not given twice: who reads on from the last one must meet what comes next.
        Assert.Equal(last, again.LastIndex);
        await again.DialAsync(bob);
        await WireTests.DeliverAsync(bob, "ana", "a stranger's first");
        Assert.Equal("a stranger's first", Assert.Single(again.ReadMessages(new MessageQuery { AfterIndex = last }, TwoPeers.Patience)).Text);
    }

    [Fact]
    public async Task What_is_on_its_way_to_a_peer_that_is_removed_leaves_no_row_behind()
    {
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using ChatEngine ana = await Party.StartAsync("ana", path: AnaPath);
        await ana.DialAsync(bob);
        ChatSender sender = ana.OpenSender();
        Task removal = Task.CompletedTask;
        int refused = 0;
        for (int i = 0; i < 2000; i++)
        {
            try
            {
                await sender.QueueAsync(bob.Server.Fingerprint, "x", null, TwoPeers.Patience);
            }
            catch (ChatException e) when (e.ErrorId == ChatErrorId.PeerUnknown)
            {
                refused++;
            }

            if (i == 100)
            {
                removal = ana.RemoveAsync(bob.Server.Fingerprint, TwoPeers.Patience);
            }
        }

        await removal;
        _ = await Record.ExceptionAsync(() => sender.FlushAsync(TwoPeers.Patience));
        Assert.True(refused > 0);
        await ana.StopAsync();
        using Microsoft.Data.Sqlite.SqliteConnection connection = new($"Data Source={Path.Combine(AnaPath, "store.db")};Pooling=False");
        connection.Open();
        using Microsoft.Data.Sqlite.SqliteCommand count = connection.CreateCommand();
        count.CommandText = "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM peer)";
        Assert.Equal(0L, count.ExecuteScalar());
    }

    [Fact]
    public async Task Two_identities_of_one_user_in_one_process_talk_each_with_its_own_store()
    {
        await using ChatEngine work = await Party.StartAsync("work", path: Path.Combine(_root, "work"));
        await using ChatEngine home = await Party.StartAsync("home", path: Path.Combine(_root, "home"));
        await home.DialAsync(work);
        await WireTests.DeliverAsync(home, "work", "do not forget");
        await WireTests.DeliverAsync(work, "home", "thanks");
        Assert.NotEqual(work.Server.Fingerprint, home.Server.Fingerprint);
        Assert.Equal(["do not forget"], work.Texts());
        Assert.Equal(["thanks"], home.Texts());
    }
}
