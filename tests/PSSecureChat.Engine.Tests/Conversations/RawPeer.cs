using System.Net;
using System.Net.Sockets;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Wire;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>A peer that does exactly what a test says and nothing by itself: it shakes hands, sends frames, and keeps those that come.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly SecureSession _session;
    private readonly RecordReader _reader;
    private readonly RecordBuilder _builder;
    private readonly FrameAssembler _assembler = new();
    private readonly RecordedFrames _frames = new();
    private readonly Guid _stream = Guid.NewGuid();
    private ulong _token;
    private int _looked;

    private RawPeer(SecureSession session)
    {
        _session = session;
        _reader = new RecordReader(session.Stream, session.Keys.Receiving);
        _builder = new RecordBuilder(session.Keys.Sending);
    }

    /// <summary>Dials an engine as somebody of this identity.</summary>
    public static async Task<RawPeer> DialAsync(int port, IdentityKeyPair identity, TimeProvider? time = null, string name = "raw", Action? beforeThird = null)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, TwoPeers.Patience);
        NetworkStream stream = new(socket, ownsSocket: true);
        return new RawPeer(await Handshake.DialAsync(stream, Local(identity, time, name), new PeerAddress("127.0.0.1", port), null, _ => beforeThird?.Invoke(), TwoPeers.Patience));
    }

    /// <summary>Takes one connection, and says Hello.</summary>
    public static async Task<RawPeer> AcceptAsync(TcpListener listener, IdentityKeyPair identity, TimeProvider? time = null)
    {
        NetworkStream stream = new(await listener.AcceptSocketAsync(TwoPeers.Patience), ownsSocket: true);
        using InvitationBook none = new([], 0, TimeProvider.System);
        LocalParty local = Local(identity, time, "raw");
        RawPeer peer = new((await Handshake.AcceptAsync(stream, local, none, silent: false, "127.0.0.1", TwoPeers.Patience))!);
        peer._builder.Advance(FrameEncoder.Encode(new HelloFrame(local.Profile, false), peer._builder.GetSpan(FrameEncoder.ControlFrame)));
        await peer.FlushAsync();
        return peer;
    }

    public static bool IsHello(object frame) => frame is ValueTuple<string, string, int, bool>;

    /// <summary>Everything that has come since the last look, up to the first frame of a type, which is the last one.</summary>
    public async Task<List<object>> UntilAsync(Func<object, bool> wanted)
    {
        List<object> seen = [];
        while (true)
        {
            for (; _looked < _frames.All.Count; _looked++)
            {
                seen.Add(_frames.All[_looked]);
                if (wanted(_frames.All[_looked]))
                {
                    _looked++;
                    return seen;
                }
            }

            Assert.True(await ReadAsync(), "the connection ended");
        }
    }

    public Task<List<object>> UntilAsync<T>() => UntilAsync(static frame => frame is T);

    /// <summary>Reads to the end of the connection.</summary>
    public async Task<List<object>> UntilEndAsync()
    {
        while (await ReadAsync())
        {
        }

        List<object> seen = _frames.All[_looked..];
        _looked = _frames.All.Count;
        return seen;
    }

    /// <summary>As the dialler: goes through Hello and Resume until messages flow.</summary>
    public async Task FlowAsync()
    {
        await PingAsync();
        await UntilAsync(IsHello);
        await ResumeAsync();
        await UntilAsync<ResumeFrame>();
        await AnswerAsync((PingFrame)(await UntilAsync<PingFrame>())[^1]);
    }

    public async Task ResumeAsync()
    {
        _builder.Advance(FrameEncoder.Encode(new ResumeFrame(_stream, 0, Guid.Empty, 0), _builder.GetSpan(FrameEncoder.ControlFrame)));
        await FlushAsync();
    }

    public async Task AnswerAsync(PingFrame ping)
    {
        _builder.Advance(FrameEncoder.Encode(new PongFrame(ping.Token), _builder.GetSpan(FrameEncoder.ControlFrame)));
        await FlushAsync();
    }

    /// <summary>Sends a Ping.</summary>
    public async Task PingAsync()
    {
        _builder.Advance(FrameEncoder.Encode(new PingFrame(++_token), _builder.GetSpan(FrameEncoder.ControlFrame)));
        await FlushAsync();
    }

    /// <summary>Sends a Ping and waits for its answer: the other side has read everything then. Returns what came before the answer.</summary>
    public async Task<List<object>> BeHeardAsync()
    {
        await PingAsync();
        return await UntilAsync(frame => frame is PongFrame pong && pong.Token == _token);
    }

    public async Task CloseAsync(CloseReason reason)
    {
        _builder.Advance(FrameEncoder.Encode(new CloseFrame(reason), _builder.GetSpan(FrameEncoder.ControlFrame)));
        await FlushAsync();
    }

    public async Task SendAsync(long sequence, string text)
    {
        _builder.Advance(FrameEncoder.EncodeMessage(sequence, Guid.NewGuid(), 0, text, null, 0, ChatMessageKind.Text, _builder.GetSpan((4 * text.Length) + FrameEncoder.MessageOverhead)));
        await FlushAsync();
    }

    /// <summary>Sends bytes of frames as they are, in records of their own: whole blocks, unless a frame ends there.</summary>
    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, Limits.MaxRecordPlaintext)..])
        {
            ReadOnlyMemory<byte> part = bytes[..Math.Min(bytes.Length, Limits.MaxRecordPlaintext)];
            part.Span.CopyTo(_builder.GetSpan(part.Length));
            _builder.Advance(part.Length);
            await FlushAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _session.Stream.DisposeAsync();
        _reader.Dispose();
        _builder.Dispose();
        _assembler.Dispose();
    }

    private static LocalParty Local(IdentityKeyPair identity, TimeProvider? time, string name) =>
        new(identity, time ?? TimeProvider.System, SystemRandomSource.Instance) { Profile = new Profile(name, [], 0) };

    private async Task FlushAsync() => await _session.Stream.WriteAsync(_builder.Seal(), TwoPeers.Patience);

    private async Task<bool> ReadAsync()
    {
        try
        {
            ReadOnlyMemory<byte> plaintext = await _reader.ReadAsync(TwoPeers.Patience);
            if (plaintext.IsEmpty)
            {
                return false;
            }

            _assembler.Take(plaintext, _frames);
            return true;
        }
        catch (IOException)
        {
            return false; // a reset is an end, too
        }
    }
}
