using System.Net;
using System.Net.Sockets;
using System.Text;
using PSSecureChat.Engine;

namespace PSSecureChat.Engine.Tests.Conversations;

public class WireTests
{
    private const string Text = "the quick brown fox jumps over the lazy dog";

    [Fact]
    public async Task The_wire_shows_no_name_no_text_and_no_key()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("anastasia");
        await using ChatEngine bob = await TwoPeers.StartAsync("bobadilla");
        await using TestProxy proxy = new(bob.Server.Port);
        await ana.ConnectAsync("127.0.0.1", proxy.Port, null, null, TwoPeers.Patience);
        await DeliverAsync(ana, "bobadilla", Text);
        await DeliverAsync(bob, "anastasia", Text);

        string wire = Encoding.Latin1.GetString(proxy.Passed);
        Assert.True(wire.Length > 3000, "the proxy saw the handshake and the messages");
        Assert.All(["anastasia", "bobadilla", Text, "fox", ana.Server.Fingerprint, bob.Server.Fingerprint], word => Assert.DoesNotContain(word, wire, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_conversation_in_segments_of_one_byte_is_the_same_conversation()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana");
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        await using TestProxy proxy = new(bob.Server.Port) { PieceSize = 1 };
        await ana.ConnectAsync("127.0.0.1", proxy.Port, null, null, TwoPeers.Patience);
        await DeliverAsync(ana, "bob", Text);
        Assert.Equal(Text, Assert.Single(TwoPeers.Inbox(bob)).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_changed_byte_of_a_record_ends_the_connection_and_the_message_comes_by_the_next(bool forward)
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana");
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        await using TestProxy proxy = new(bob.Server.Port);
        await ana.ConnectAsync("127.0.0.1", proxy.Port, null, null, TwoPeers.Patience);
        int changes = 0;
        proxy.Change = (direction, position, bytes) =>
        {
            if (direction == forward && Interlocked.Exchange(ref changes, 1) == 0)
            {
                bytes.Span[^1] ^= 1;
            }
        };
        await DeliverAsync(ana, "bob", Text);
        Assert.Equal(1, changes);
        Assert.Equal(Text, Assert.Single(TwoPeers.Inbox(bob)).Text);
    }

    [Fact]
    public async Task A_cut_connection_is_dialled_again_and_loses_nothing()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana");
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        await using TestProxy proxy = new(bob.Server.Port);
        await ana.ConnectAsync("127.0.0.1", proxy.Port, null, null, TwoPeers.Patience);
        await DeliverAsync(ana, "bob", "one");
        proxy.Cut();
        await DeliverAsync(ana, "bob", "two");
        await DeliverAsync(bob, "ana", "three");
        Assert.Equal(["one", "two"], TwoPeers.Inbox(bob).Select(message => message.Text));
        Assert.Equal(["three"], TwoPeers.Inbox(ana).Select(message => message.Text));
    }

    [Fact]
    public async Task Garbage_half_handshakes_and_silence_change_nothing_for_others()
    {
        Limits limits = Limits.Default with { AcceptPerAddressBurst = 1000, AcceptPerAddress = 1000, AcceptInAll = 1000, HalfOpen = 16 };
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", limits: limits);
        await using ChatEngine ana = await TwoPeers.StartAsync("ana");
        List<Socket> strangers = [];
        for (int i = 0; i < 100; i++)
        {
            Socket stranger = new(SocketType.Stream, ProtocolType.Tcp);
            await stranger.ConnectAsync(IPAddress.Loopback, bob.Server.Port, TwoPeers.Patience);
            byte[] bytes = (i % 4) switch
            {
                0 => "GET / HTTP/1.1\r\n\r\n"u8.ToArray(),
                1 => [],
                2 => [.. PSSecureChat.Engine.Wire.Preface.Bytes, .. new byte[700]],
                _ => [.. PSSecureChat.Engine.Wire.Preface.Bytes, .. new byte[1216]],
            };
            await stranger.SendAsync(bytes);
            strangers.Add(stranger);
        }

        await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
        await DeliverAsync(ana, "bob", Text);
        strangers.ForEach(stranger => stranger.Dispose());
    }

    [Fact]
    public async Task One_byte_a_second_does_not_extend_the_handshakes_time()
    {
        Limits limits = Limits.Default with { Handshake = TimeSpan.FromMilliseconds(300) };
        await using ChatEngine bob = await TwoPeers.StartAsync("bob", limits: limits);
        using Socket stranger = new(SocketType.Stream, ProtocolType.Tcp);
        await stranger.ConnectAsync(IPAddress.Loopback, bob.Server.Port, TwoPeers.Patience);
        await stranger.SendAsync(PSSecureChat.Engine.Wire.Preface.Bytes.ToArray());
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        Task<int> ended = stranger.ReceiveAsync(new byte[1]);
        while (!ended.IsCompleted && await timer.WaitForNextTickAsync(TwoPeers.Patience))
        {
            _ = await Record.ExceptionAsync(async () => await stranger.SendAsync(new byte[1]));
        }

        Assert.True(ended.IsFaulted || await ended == 0);
    }

    [Fact]
    public async Task Another_version_is_answered_with_ours_and_nothing_else()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        using TcpClient client = new("127.0.0.1", bob.Server.Port);
        await client.GetStream().WriteAsync("PSSC\x02\x01\0\0"u8.ToArray(), TwoPeers.Patience);
        byte[] answer = new byte[100];
        int count = await client.GetStream().ReadAtLeastAsync(answer, 100, throwOnEndOfStream: false, TwoPeers.Patience);
        Assert.Equal("PSSC\x01\x01\0\0"u8.ToArray(), answer[..count]);
    }

    internal static async Task DeliverAsync(ChatEngine from, string to, string text)
    {
        ChatMessage message = await TwoPeers.SendAsync(from, to, text);
        await from.WaitForStateAsync(message, ChatMessageState.Delivered, TwoPeers.Patience);
    }
}
