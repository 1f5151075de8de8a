using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Trust;

/// <summary>Why a peer cannot be reached, and that asking changes nothing.</summary>
public class DiagnosisTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(0.3);

    // Who was refused does not dial again during a test: while it did, there would be a conversation for a moment.
    private static readonly Limits s_refusedOnce = Party.Quick with { RedialLast = TimeSpan.FromHours(1) };

    [Fact]
    public async Task A_conversation_that_stands_is_measured_inside()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        await peers.Ana.UntilAsync("bob", ChatPeerState.Online);
        ChatPeerTest test = await peers.Ana.TestAsync(peers.Bob.Server.Fingerprint, s_limit, null, TwoPeers.Patience);
        Assert.True(test.Succeeded);
        Assert.True(test.InConversation);
        Assert.True(test.RoundTrip > TimeSpan.Zero);
        Assert.Equal(("bob", "ana", ChatPeerState.Online, ChatTrust.Unverified, null), (test.Peer, test.Server, test.State, test.Trust, test.ErrorId));
        Assert.Equal("Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256", test.Suite);
        Assert.Equal((peers.Bob.Server.Fingerprint, peers.Bob.Server.Fingerprint), (test.Fingerprint, test.FoundFingerprint));
    }

    [Fact]
    public async Task A_conversation_begun_by_an_invitation_names_its_suite()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob");
        await ana.ConnectAsync(await bob.InviteAsync(["127.0.0.1"], null, TimeSpan.FromHours(1), TwoPeers.Patience), null, null, TwoPeers.Patience);
        ChatPeerTest test = await ana.TestAsync(bob.Server.Fingerprint, s_limit, null, TwoPeers.Patience);
        Assert.Equal(("Noise_XXhfs+psk0_25519+MLKEM768_AESGCM_SHA256", ChatTrust.Verified), (test.Suite, test.Trust));
        Assert.Equal(test.Suite, (await bob.TestAsync(ana.Server.Fingerprint, s_limit, null, TwoPeers.Patience)).Suite);
    }

    [Fact]
    public async Task A_stranger_is_looked_at_and_sees_nobody()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Request);
        ChatPeerTest test = await ana.TestAsync(bob);
        Assert.True(test.Succeeded);
        Assert.False(test.InConversation);
        Assert.True(test.RoundTrip > TimeSpan.Zero);
        Assert.Equal((null, null, null, null, bob.Server.Fingerprint), (test.Peer, test.State, test.Trust, test.Fingerprint, test.FoundFingerprint));
        Assert.Contains("do not know", test.Reason, StringComparison.Ordinal);

        // A connection made after it shows that the other side has dealt with the test, and keeps no trace of it.
        await using ChatEngine carol = await Party.StartAsync("carol");
        await carol.DialAsync(bob);
        await bob.UntilAsync("carol", ChatPeerState.Requested);
        Assert.Single(bob.GetPeers());
        Assert.Empty(ana.GetPeers());
    }

    [Fact]
    public async Task A_name_that_does_not_resolve() => Is(ChatErrorId.HostUnknown, await TestAsync("no-such-host.invalid", 8095));

    [Fact]
    public async Task A_port_that_is_closed()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Is(ChatErrorId.ConnectionRefused, await TestAsync("127.0.0.1", port));
    }

    [Fact]
    public async Task A_packet_that_is_never_answered()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux leaves connections unanswered when nobody accepts them.");
        using Socket full = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        List<Socket> waiting = [];
        try
        {
            // The queue takes one or two; who comes then hears nothing.
            for (int i = 0; i < 4; i++)
            {
                Socket one = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                waiting.Add(one);
                try
                {
                    one.Connect(full.LocalEndPoint!);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                }
            }

            ChatPeerTest test = Is(ChatErrorId.TimedOut, await TestAsync("127.0.0.1", ((IPEndPoint)full.LocalEndPoint!).Port, s_short));
            Assert.Contains("did not answer", test.Reason, StringComparison.Ordinal);
            Assert.Contains("firewalls", test.Recommendation, StringComparison.Ordinal);
        }
        finally
        {
            waiting.ForEach(static socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Somebody_who_takes_the_connection_and_says_nothing()
    {
        FakeTimeProvider clock = new();
        ChatPeerTest test = await TestAgainstAsync(
            async stream =>
            {
                clock.Advance(s_short); // our message is there, and the time for an answer is over
                await stream.ReadExactlyAsync(new byte[100_000]);
            },
            s_short,
            clock);
        Assert.Contains("did not shake hands", Is(ChatErrorId.TimedOut, test).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_else_that_answers()
    {
        ChatPeerTest test = await TestAgainstAsync(static stream => stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\n\r\n")).AsTask(), s_limit);
        Assert.Contains("not a PSSecureChat peer", Is(ChatErrorId.NotAChatPeer, test).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_many_bytes_as_an_answer_has_that_are_none() =>
        Is(ChatErrorId.NotAChatPeer, await TestAgainstAsync(static stream => stream.WriteAsync(new byte[1312]).AsTask(), s_limit));

    [Fact]
    public async Task Another_version()
    {
        ChatPeerTest test = await TestAgainstAsync(static stream => stream.WriteAsync("PSSC\u0002\u0001\0\0"u8.ToArray()).AsTask(), s_limit);
        Assert.Contains("version 2", Is(ChatErrorId.VersionMismatch, test).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_is_full()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob", limits: Party.Quick with { AcceptPerAddress = 0, AcceptPerAddressBurst = 1 });
        Assert.True((await ana.TestAsync(bob)).Succeeded);
        ChatPeerTest test = Is(ChatErrorId.NotAChatPeer, await ana.TestAsync(bob));
        Assert.Contains("too many connections", test.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_answers_only_the_invited()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Invited);
        Assert.Contains("only the invited", Is(ChatErrorId.NotAChatPeer, await ana.TestAsync(bob)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_own_server()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        Is(ChatErrorId.OwnAddress, await ana.TestAsync(ana));
    }

    [Theory]
    [InlineData(3, "3 days or more ahead of")]
    [InlineData(-3, "2 days or more behind")]
    public async Task A_clock_that_is_wrong_is_told_by_how_much(int days, string expected)
    {
        ShiftedTime shifted = new();
        shifted.Advance(TimeSpan.FromDays(days));
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob", time: shifted);
        Assert.Contains(expected, Is(ChatErrorId.ClockWrong, await ana.TestAsync(bob)).Reason, StringComparison.Ordinal);
        Assert.Equal(ChatErrorId.ClockWrong, await Party.ErrorOfAsync(() => ana.DialAsync(bob)));
    }

    [Fact]
    public async Task Another_key_is_told_with_both_fingerprints_and_not_noted()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        int port;
        string old;
        await using (ChatEngine bob = await Party.StartAsync("bob"))
        {
            (port, old) = (bob.Server.Port, bob.Server.Fingerprint);
            await ana.DialAsync(bob);
            await ana.DisconnectAsync(old); // or dialling again would find the new key, and note it
        }

        await using ChatEngine other = await Party.StartAsync("bob", port: port);
        foreach (ChatPeerTest test in new[] { await ana.TestAsync(old, s_limit, null, TwoPeers.Patience), await ana.TestAsync(other) })
        {
            Is(ChatErrorId.KeyChanged, test);
            Assert.Equal(("bob", old, other.Server.Fingerprint), (test.Peer, test.Fingerprint, test.FoundFingerprint));
            Assert.Contains(old, test.Reason, StringComparison.Ordinal);
            Assert.Contains(other.Server.Fingerprint, test.Reason, StringComparison.Ordinal);
        }

        ChatPeer peer = Assert.Single(ana.GetPeers());
        Assert.Equal((ChatPeerState.Offline, null), (peer.State, peer.NewFingerprint));
        Assert.Empty(other.GetPeers());
    }

    [Fact]
    public async Task A_conversation_the_user_ended()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        await peers.Ana.DisconnectAsync(peers.Bob.Server.Fingerprint);
        ChatPeerTest test = Is(ChatErrorId.PeerOffline, await peers.Ana.TestAsync(peers.Bob.Server.Fingerprint, s_limit, null, TwoPeers.Patience));
        Assert.Equal(peers.Bob.Server.Fingerprint, test.FoundFingerprint);
    }

    [Fact]
    public async Task A_peer_that_refuses_us()
    {
        await using ChatEngine ana = await Party.StartAsync("ana", limits: s_refusedOnce);
        await using ChatEngine bob = await Party.StartAsync("bob");
        await ana.DialAsync(bob);
        await bob.UntilAsync("ana", ChatPeerState.Online);
        await bob.BlockAsync(ana.Server.Fingerprint, TwoPeers.Patience);
        await ana.UntilAsync("bob", ChatPeerState.Offline);
        ChatPeerTest test = Is(ChatErrorId.RefusedByPeer, await ana.TestAsync(bob.Server.Fingerprint, s_limit, null, TwoPeers.Patience));
        Assert.Equal(bob.Server.Fingerprint, test.FoundFingerprint);
    }

    [Fact]
    public async Task A_peer_that_refuses_us_is_not_said_to_answer_while_it_is_dialled_again()
    {
        TimeSpan moment = TimeSpan.FromMilliseconds(1);
        await using ChatEngine ana = await Party.StartAsync("ana", limits: Party.Quick with { RedialFirst = moment, RedialDoubled = moment, RedialLast = moment });
        await using ChatEngine bob = await Party.StartAsync("bob");
        await ana.DialAsync(bob);
        await bob.UntilAsync("ana", ChatPeerState.Online);
        await bob.BlockAsync(ana.Server.Fingerprint, TwoPeers.Patience);
        await ana.UntilAsync("bob", ChatPeerState.Offline);
        for (int i = 0; i < 100; i++)
        {
            Is(ChatErrorId.RefusedByPeer, await ana.TestAsync(bob.Server.Fingerprint, s_limit, null, TwoPeers.Patience));
        }
    }

    [Fact]
    public async Task A_peer_that_refuses_us_since_we_were_away()
    {
        string path = Directory.CreateTempSubdirectory("pssc-").FullName;
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using (ChatEngine ana = await Party.StartAsync("ana", path: Path.Combine(path, "ana"), limits: s_refusedOnce))
        {
            await ana.DialAsync(bob);
            await bob.UntilAsync("ana", ChatPeerState.Online);
        }

        await bob.BlockAsync(bob.Peer("ana").Fingerprint, TwoPeers.Patience);
        await using (ChatEngine again = await Party.StartAsync("ana", path: Path.Combine(path, "ana"), limits: s_refusedOnce))
        {
            Is(ChatErrorId.RefusedByPeer, await again.TestAsync(bob.Server.Fingerprint, s_limit, null, TwoPeers.Patience));
        }

        Directory.Delete(path, recursive: true);
    }

    [Fact]
    public async Task A_peer_whose_inbox_is_full()
    {
        await using ChatEngine ana = await Party.StartAsync("ana", limits: s_refusedOnce);
        await using ChatEngine bob = await Party.StartAsync("bob", limits: Party.Quick with { InboxMessages = 1 });
        await ana.DialAsync(bob);
        await TwoPeers.SendAsync(ana, "bob", "one");
        await TwoPeers.SendAsync(ana, "bob", "too many");
        await ana.UntilAsync(() => ana.Peer("bob").Reason == "its inbox is full");
        Assert.Contains("its inbox is full", Is(ChatErrorId.RefusedByPeer, await ana.TestAsync(bob.Server.Fingerprint, s_limit, null, TwoPeers.Patience)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_we_block_is_not_dialled()
    {
        await using TwoPeers peers = await TwoPeers.ConnectedAsync();
        await peers.Ana.BlockAsync(peers.Bob.Server.Fingerprint, TwoPeers.Patience);
        ChatPeerTest test = Is(ChatErrorId.PeerBlocked, await peers.Ana.TestAsync(peers.Bob.Server.Fingerprint, s_limit, null, TwoPeers.Patience));
        Assert.Null(test.FoundFingerprint);
        Is(ChatErrorId.PeerBlocked, await peers.Ana.TestAsync(peers.Bob));
    }

    [Fact]
    public async Task A_request_that_waits_from_both_sides()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Request);
        await ana.DialAsync(bob);
        await bob.UntilAsync("ana", ChatPeerState.Requested);
        Assert.NotNull(Is(ChatErrorId.WaitsForApproval, await ana.TestAsync(bob.Server.Fingerprint, s_limit, null, TwoPeers.Patience)).RoundTrip);
        Assert.NotNull(Is(ChatErrorId.PeerNotApproved, await bob.TestAsync(ana.Server.Fingerprint, s_limit, null, TwoPeers.Patience)).RoundTrip);
        Assert.Equal(ChatPeerState.Requested, bob.Peer("ana").State);
    }

    [Fact]
    public async Task An_address_that_cannot_be_one_is_an_error()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        Assert.Equal(ChatErrorId.AddressNotUsable, await Party.ErrorOfAsync(() => ana.TestAsync("no host", 1, s_limit, null, TwoPeers.Patience)));
        Assert.Equal(ChatErrorId.AddressNotUsable, await Party.ErrorOfAsync(() => ana.TestAsync("127.0.0.1", 0, s_limit, null, TwoPeers.Patience)));
        Assert.Equal(ChatErrorId.PeerUnknown, await Party.ErrorOfAsync(() => ana.TestAsync("nobody", s_limit, null, TwoPeers.Patience)));
    }

    // A result that failed in this way, and says what to do.
    private static ChatPeerTest Is(ChatErrorId expected, ChatPeerTest test)
    {
        Assert.Equal(expected, test.ErrorId);
        Assert.False(test.Succeeded);
        Assert.False(string.IsNullOrEmpty(test.Reason));
        Assert.False(string.IsNullOrEmpty(test.Recommendation));
        return test;
    }

    private static async Task<ChatPeerTest> TestAsync(string host, int port, TimeSpan? limit = null, TimeProvider? time = null)
    {
        await using ChatEngine ana = await Party.StartAsync("ana", time: time);
        ChatPeerTest test = await ana.TestAsync(host, port, limit ?? s_limit, null, TwoPeers.Patience);
        Assert.Null(test.FoundFingerprint);
        Assert.Empty(ana.GetPeers());
        return test;
    }

    // Dials somebody who answers as the test says.
    private static async Task<ChatPeerTest> TestAgainstAsync(Func<NetworkStream, Task> answer, TimeSpan limit, TimeProvider? time = null)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerAsync();
        ChatPeerTest test = await TestAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, limit, time);
        await answering;
        return test;

        async Task AnswerAsync()
        {
            using Socket socket = await listener.AcceptSocketAsync();
            await using NetworkStream stream = new(socket);
            await stream.ReadExactlyAsync(new byte[8 + 1216]);
            try
            {
                await answer(stream);
                socket.Shutdown(SocketShutdown.Send);
                await stream.CopyToAsync(Stream.Null);
            }
            catch (IOException)
            {
                // the other side has left
            }
        }
    }
}
