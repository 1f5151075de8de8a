using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace Benchmarks.Crowd;

/// <summary>
/// The least peer that an engine converses with: it shakes hands, says from where it goes on, sends, acknowledges, answers pings.
/// It stores nothing, so a thousand of them weigh little beside the one engine that is measured.
/// </summary>
internal sealed class LightPeer : IFrameHandler, IDisposable
{
    private const int Window = 4096;
    private static readonly string s_text = new('x', Contestants.Contestant.TextSize);
    private readonly LocalParty _local;
    private readonly SecureSession _session;
    private readonly RecordBuilder _builder;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly SemaphoreSlim _acknowledged = new(0);
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _flows = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sent;
    private long _acked;
    private long _received;
    private ulong? _ping;

    private LightPeer(LocalParty local, SecureSession session)
    {
        _local = local;
        _session = session;
        _builder = new RecordBuilder(session.Keys.Sending);
    }

    public static async Task<LightPeer> ConnectAsync(string name, int port)
    {
        // The name makes the key: whoever comes again is the same peer. Nothing of value is said with it.
        LocalParty local = new(IdentityKeyPair.FromSeed(SHA256.HashData(Encoding.UTF8.GetBytes(name))), TimeProvider.System, SystemRandomSource.Instance) { Profile = new Profile(name, [], 1) };
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        NetworkStream stream = new(socket, ownsSocket: true);
        LightPeer peer = new(local, await Handshake.DialAsync(stream, local, new PSSecureChat.Engine.Store.PeerAddress("127.0.0.1", port), null, static _ => { }, CancellationToken.None));
        _ = peer.ReceiveAsync();
        await peer.WriteAsync(static builder => builder.Advance(FrameEncoder.Encode(new PingFrame(1), builder.GetSpan(FrameEncoder.ControlFrame))));
        await peer._flows.Task.WaitAsync(peer._ended.Token);
        return peer;
    }

    /// <summary>Sends so many messages, a record's fill at once; completes when the last one is acknowledged.</summary>
    public async Task SendAsync(int count)
    {
        long last = _sent + count;
        while (_sent < last)
        {
            if (_sent - Volatile.Read(ref _acked) >= Window)
            {
                await NextAckAsync();
                continue;
            }

            long until = Math.Min(last, _acked + Window);
            await WriteAsync(builder =>
            {
                long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                while (_sent < until && builder.Length < Limits.RecordTarget)
                {
                    builder.Advance(FrameEncoder.EncodeMessage(++_sent, Guid.CreateVersion7(), now, s_text, null, 0, PSSecureChat.ChatMessageKind.Text, builder.GetSpan(Contestants.Contestant.TextSize + FrameEncoder.MessageOverhead)));
                }
            });
        }

        while (Volatile.Read(ref _acked) < last)
        {
            await NextAckAsync();
        }
    }

    public void Dispose()
    {
        _session.Stream.Dispose();
        _local.Dispose();
        _sending.Dispose();
        _acknowledged.Dispose();
    }

    bool IFrameHandler.HasEnded => false;

    int IFrameHandler.LargestFrame => Limits.MaxEarlyFrame;

    IFileFrameHandler IFrameHandler.Files => throw new InvalidOperationException("The engine speaks of files.");

    void IFrameHandler.On(in HelloFrame frame)
    {
    }

    void IFrameHandler.On(in ResumeFrame frame) => _flows.TrySetResult();

    void IFrameHandler.On(in MessageFrame frame) => _received = frame.Sequence;

    void IFrameHandler.On(in SkipFrame frame) => throw new InvalidOperationException("The engine sends a skip.");

    void IFrameHandler.On(in AckFrame frame)
    {
        Volatile.Write(ref _acked, frame.Sequence);
        _acknowledged.Release();
    }

    void IFrameHandler.On(in PingFrame frame) => _ping = frame.Token;

    void IFrameHandler.On(in PongFrame frame)
    {
    }

    void IFrameHandler.On(in CloseFrame frame) => throw new InvalidOperationException($"The engine closes: {frame.Reason}.");

    void IFrameHandler.On(in RekeyFrame frame) => throw new InvalidOperationException("Rounds are too short for new keys.");

    void IFrameHandler.On(in ReadFrame frame)
    {
    }

    void IFrameHandler.On(in ReadStoredFrame frame)
    {
    }

    private async Task ReceiveAsync()
    {
        try
        {
            using RecordReader reader = new(_session.Stream, _session.Keys.Receiving);
            using FrameAssembler assembler = new();
            bool resumed = false;
            long acknowledged = 0;
            while (true)
            {
                ReadOnlyMemory<byte> plaintext;
                while (!reader.TryRead(out plaintext))
                {
                    if (_received > acknowledged) // all that has come, at once
                    {
                        acknowledged = _received;
                        await WriteAsync(builder => builder.Advance(FrameEncoder.Encode(new AckFrame(acknowledged), builder.GetSpan(FrameEncoder.ControlFrame))));
                    }

                    if (!reader.Filled(await reader.FillAsync(CancellationToken.None)))
                    {
                        return;
                    }
                }

                assembler.Take(plaintext, this);
                if (!resumed)
                {
                    resumed = true;
                    await WriteAsync(static builder => builder.Advance(FrameEncoder.Encode(new ResumeFrame(Guid.NewGuid(), 0, Guid.Empty, 0), builder.GetSpan(FrameEncoder.ControlFrame))));
                }

                if (_ping is ulong token)
                {
                    _ping = null;
                    await WriteAsync(builder => builder.Advance(FrameEncoder.Encode(new PongFrame(token), builder.GetSpan(FrameEncoder.ControlFrame))));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // the end of the run
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e.ToString());
            Environment.Exit(1); // a broken crowd must not give figures
        }
        finally
        {
            _ended.Cancel(); // nobody waits for an acknowledgement that cannot come
        }
    }

    private Task NextAckAsync() => _acknowledged.WaitAsync(_ended.Token);

    private async Task WriteAsync(Action<RecordBuilder> gather)
    {
        await _sending.WaitAsync();
        try
        {
            gather(_builder);
            await _session.Stream.WriteAsync(_builder.Seal());
            _builder.Release();
        }
        finally
        {
            _sending.Release();
        }
    }
}
