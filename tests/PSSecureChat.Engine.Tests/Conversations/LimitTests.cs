using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>Every limit one below, at, and one above.</summary>
public class LimitTests
{
    [Theory]
    [InlineData(4, 4)]
    [InlineData(5, 5)]
    [InlineData(6, 5)]
    public async Task One_address_may_connect_so_often_at_once(int connections, int admitted)
    {
        Limits limits = Limits.Default with { AcceptPerAddressBurst = 5, AcceptPerAddress = 0 };
        Assert.Equal(admitted, await CountAdmittedAsync(limits, connections));
    }

    [Theory]
    [InlineData(6, 6)]
    [InlineData(7, 7)]
    [InlineData(8, 7)]
    public async Task All_addresses_together_may_connect_so_often_a_second(int connections, int admitted)
    {
        // A clock that stands still: the bucket holds one second's worth and gets nothing back.
        Limits limits = Limits.Default with { AcceptPerAddressBurst = 1000, AcceptInAll = 7 };
        Assert.Equal(admitted, await CountAdmittedAsync(limits, connections, new StillClock()));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    public async Task So_many_handshakes_are_under_way_and_the_oldest_makes_room(int connections, int ended)
    {
        Limits limits = Limits.Default with { AcceptPerAddressBurst = 1000, HalfOpen = 3 };
        using SemaphoreSlim begun = new(0);
        using SemaphoreSlim over = new(0);
        List<int> endedOnes = [];
        int number = 0;
        await using Listener listener = Listen(limits, TimeProvider.System, async (socket, token) =>
        {
            int mine = Interlocked.Increment(ref number);
            begun.Release();
            await Record.ExceptionAsync(() => new TaskCompletionSource().Task.WaitAsync(token));
            lock (endedOnes)
            {
                endedOnes.Add(mine);
            }

            over.Release();
            socket.Dispose();
        }, out int port);

        List<Socket> sockets = [];
        for (int i = 0; i < connections; i++)
        {
            sockets.Add(await DialAsync(port));
            await begun.WaitAsync(TwoPeers.Patience);
        }

        for (int i = 0; i < ended; i++)
        {
            await over.WaitAsync(TwoPeers.Patience);
        }

        lock (endedOnes)
        {
            Assert.Equal(Enumerable.Range(1, ended), endedOnes);
        }

        sockets.ForEach(socket => socket.Dispose());
    }

    [Theory]
    [InlineData(Limits.PaddingBlock + Limits.Tag - 1, "a record of an impossible length")]
    [InlineData(Limits.PaddingBlock + Limits.Tag, "a record that does not open")]
    [InlineData(Limits.MaxRecordPlaintext + Limits.Tag, "a record that does not open")]
    [InlineData(Limits.MaxRecordPlaintext + Limits.Tag + 1, "a record of an impossible length")]
    public async Task A_record_is_so_long_and_no_longer(int length, string reason)
    {
        byte[] record = new byte[Limits.RecordHeader + length];
        BinaryPrimitives.WriteUInt16BigEndian(record, (ushort)length);
        CipherState cipher = new();
        cipher.InitializeKey(new byte[32]);
        using RecordReader reader = new(new MemoryStream(record), cipher);
        ProtocolException error = await Assert.ThrowsAsync<ProtocolException>(() => reader.ReadAsync(TwoPeers.Patience).AsTask());
        Assert.Equal(reason, error.Message);
    }

    [Theory]
    [InlineData(Limits.MaxEarlyFrame - 1, true)]
    [InlineData(Limits.MaxEarlyFrame, true)]
    [InlineData(Limits.MaxEarlyFrame + 1, false)]
    public void A_frame_before_messages_flow_is_so_long_and_no_longer(int length, bool accepted)
    {
        byte[] record = new byte[Limits.PaddingBlock];
        record[0] = 0x59;
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(1), (ushort)length);
        record[3] = 0xA1;
        using FrameAssembler assembler = new();
        Exception? error = Record.Exception(() => assembler.Take(record, new Wire.RecordedFrames { LargestFrame = Limits.MaxEarlyFrame }));
        Assert.Equal(accepted, error is null);
    }

    [Theory]
    [InlineData(NoiseSizes.MessageThreeOverhead + 112 - 1)]
    [InlineData(Handshake.MaxMessageThree + 1)]
    [InlineData(0)]
    [InlineData(ushort.MaxValue)]
    public async Task A_third_message_of_an_impossible_length_ends_the_connection_before_its_bytes_come(int length)
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        using X25519KeyPair key = X25519KeyPair.Generate(SystemRandomSource.Instance);
        using HandshakeState state = new(HandshakePattern.XXhfs, HandshakeRole.Initiator, Preface.Prologue(), key, SystemRandomSource.Instance);
        byte[] first = new byte[NoiseSizes.MessageOne];
        state.WriteMessage([], first);
        using Socket socket = await DialAsync(bob.Server.Port);
        await socket.SendAsync(Preface.Bytes.ToArray());
        await socket.SendAsync(first);
        await using NetworkStream stream = new(socket);
        await stream.ReadExactlyAsync(new byte[Handshake.MessageTwo], TwoPeers.Patience);
        byte[] header = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)length);
        await socket.SendAsync(header);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], TwoPeers.Patience));
    }

    private static async Task<int> CountAdmittedAsync(Limits limits, int connections, TimeProvider? time = null)
    {
        int admitted = 0;
        await using Listener listener = Listen(limits, time ?? TimeProvider.System, async (socket, _) =>
        {
            Interlocked.Increment(ref admitted);
            await socket.SendAsync(new byte[1]);
            socket.Dispose();
        }, out int port);
        for (int i = 0; i < connections; i++)
        {
            // A byte or the end: either way the listener has decided.
            using Socket socket = await DialAsync(port);
            await Record.ExceptionAsync(async () => await socket.ReceiveAsync(new byte[1]));
        }

        return admitted;
    }

    private static Listener Listen(Limits limits, TimeProvider time, Func<Socket, CancellationToken, Task> handler, out int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(16);
        port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return new Listener(socket, limits, time, handler, _ => { });
    }

    private static async Task<Socket> DialAsync(int port)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, TwoPeers.Patience);
        return socket;
    }

    private sealed class StillClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
