using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;
using PSSecureChat.Engine.Tests.Wire;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Transfers;

/// <summary>A peer that shakes hands as it should and then says about files what the test wants.</summary>
internal sealed class RoguePeer : IAsyncDisposable
{
    private readonly SecureSession _session;
    private readonly RecordBuilder _builder;
    private readonly RecordedFrames _heard = new();
    private readonly Task _listening;
    private volatile bool _closed;

    private RoguePeer(SecureSession session)
    {
        _session = session;
        _builder = new RecordBuilder(session.Keys.Sending);
        _listening = Task.Run(ListenAsync);
    }

    private delegate int Encoder(Span<byte> destination);

    /// <summary>Whether the other side has ended the connection.</summary>
    public bool Closed => _closed;

    public static async Task<RoguePeer> ConnectAsync(ChatEngine engine, params int[] capabilities)
    {
        using IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        return await ConnectAsync(engine, identity, capabilities);
    }

    public static async Task<RoguePeer> ConnectAsync(ChatEngine engine, IdentityKeyPair identity, params int[] capabilities)
    {
        using LocalParty party = new(identity, TimeProvider.System, SystemRandomSource.Instance) { Profile = new Profile("rogue", capabilities, 0) };
        SecureSession session = await Dialer.DialAsync(new PeerAddress("127.0.0.1", engine.Server.Port), null, party, Limits.Default, TimeProvider.System, _ => { }, null, TwoPeers.Patience);
        RoguePeer peer = new(session);
        await peer.SayAsync(d => FrameEncoder.Encode(new PingFrame(1), d));
        await peer.SayAsync(d => FrameEncoder.Encode(new ResumeFrame(Guid.NewGuid(), 0, Guid.Empty, 0), d));
        await peer.HearAsync<ResumeFrame>();
        return peer;
    }

    public Task OfferAsync(Guid id, string name, long length) => SayAsync(d => FrameEncoder.Encode(new FileOfferFrame(id, name, length), d));

    public Task WantAsync(Guid id) => SayAsync(d => FrameEncoder.Encode(new FileWantedFrame(id), d));

    public Task TakeAsync(Guid id, long round, long offset, long limit) => SayAsync(d => FrameEncoder.Encode(new FileTakeFrame(id, round, offset, limit), d));

    public Task CreditAsync(Guid id, long round, long limit) => SayAsync(d => FrameEncoder.Encode(new FileCreditFrame(id, round, limit), d));

    public Task DataAsync(Guid id, long round, long offset, byte[] data) => SayAsync(d => FrameEncoder.Encode(new FileDataFrame(id, round, offset, data), d));

    public Task EndAsync(Guid id, long round, byte[] sha256) => SayAsync(d => FrameEncoder.Encode(new FileEndFrame(id, round, sha256), d));

    public Task DoneAsync(Guid id, byte[] sha256) => SayAsync(d => FrameEncoder.Encode(new FileDoneFrame(id, sha256), d));

    public Task StopAsync(Guid id, int reason) => SayAsync(d => FrameEncoder.Encode(new FileStopFrame(id, (FileStopReason)reason), d));

    /// <summary>Completes when the other side has said such a frame.</summary>
    public async Task<T> HearAsync<T>(Func<T, bool>? which = null)
    {
        T? found = default;
        bool heard = false;
        await TwoPeers.UntilAsync(() =>
        {
            bool closed = _closed; // read first: what was said before the end is there then
            heard = Find(which ?? (static _ => true), out found);
            return heard || closed;
        });
        Assert.True(heard, "the conversation ended");
        return found!;
    }

    public int Count<T>()
    {
        lock (_heard)
        {
            return _heard.All.OfType<T>().Count();
        }
    }

    /// <summary>Completes when all that was said before was read by the other side, which goes on with the conversation.</summary>
    public async Task IsHeardAsync()
    {
        ulong token = (ulong)Random.Shared.NextInt64();
        await SayAsync(d => FrameEncoder.Encode(new PingFrame(token), d));
        await HearAsync<PongFrame>(pong => pong.Token == token);
    }

    /// <summary>Completes when the other side has ended the connection.</summary>
    public Task IsRefusedAsync() => TwoPeers.UntilAsync(() => _closed);

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        _builder.Dispose();
        await _listening;
    }

    private async Task SayAsync(Encoder encode)
    {
        try
        {
            _builder.Advance(encode(_builder.GetSpan(Limits.MaxFileChunk + FrameEncoder.ControlFrame)));
            await _session.Stream.WriteAsync(_builder.Seal(), TwoPeers.Patience);
        }
        catch (IOException)
        {
            _closed = true; // it was refused in the middle
        }
    }

    private bool Find<T>(Func<T, bool> which, out T? found)
    {
        lock (_heard)
        {
            foreach (T one in _heard.All.OfType<T>())
            {
                if (which(one))
                {
                    found = one;
                    return true;
                }
            }
        }

        found = default;
        return false;
    }

    private async Task ListenAsync()
    {
        using RecordReader reader = new(_session.Stream, _session.Keys.Receiving);
        using FrameAssembler assembler = new();
        try
        {
            while (await reader.ReadAsync(CancellationToken.None) is { IsEmpty: false } plaintext)
            {
                lock (_heard)
                {
                    assembler.Take(plaintext, _heard);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or ProtocolException)
        {
            // ended by either side
        }

        _closed = true;
    }
}
