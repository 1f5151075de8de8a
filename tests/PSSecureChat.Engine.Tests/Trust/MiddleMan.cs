using System.Net;
using System.Net.Sockets;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Tests.Trust;

/// <summary>
/// A man in the middle with keys of his own: he shakes hands with whoever dials him as if he were the other side, dials
/// the other side as if he were the one who dialled, and passes on what he reads.
/// </summary>
internal sealed class MiddleMan : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly IdentityKeyPair _front = IdentityKeyPair.Generate(SystemRandomSource.Instance);
    private readonly IdentityKeyPair _back = IdentityKeyPair.Generate(SystemRandomSource.Instance);
    private readonly int _target;
    private readonly Task _running;

    public MiddleMan(int target, int port = 0)
    {
        _target = target;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _running = RunAsync();
    }

    public int Port { get; }

    /// <summary>The identity he shows to the dialler.</summary>
    public string Front => _front.PublicKey.Fingerprint;

    /// <summary>The identity he shows to the one who is dialled.</summary>
    public string Back => _back.PublicKey.Fingerprint;

    /// <summary>Bytes of plaintext he has read.</summary>
    public long Read { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running; // before the listener ends: accepting on one that has ended is another error
        _listener.Stop();
        _front.Dispose();
        _back.Dispose();
    }

    private async Task RunAsync()
    {
        List<Task> victims = [];
        try
        {
            while (true)
            {
                victims.Add(InterceptAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(victims);
        }
    }

    private async Task InterceptAsync(Socket victim)
    {
        using LocalParty front = new(_front, TimeProvider.System, SystemRandomSource.Instance) { Profile = new("mallory", [], 0) };
        using LocalParty back = new(_back, TimeProvider.System, SystemRandomSource.Instance);
        using InvitationBook none = new([], 0, TimeProvider.System);
        try
        {
            using NetworkStream stream = new(victim, ownsSocket: true);
            using SecureSession? dialler = await Handshake.AcceptAsync(stream, front, none, silent: false, "127.0.0.1", _stop.Token);
            if (dialler is null)
            {
                return;
            }

            back.Profile = dialler.Profile!.Value;
            using TcpClient client = new("127.0.0.1", _target);
            using SecureSession dialled = await Handshake.DialAsync(client.GetStream(), back, new PeerAddress("127.0.0.1", _target), null, _ => { }, _stop.Token);
            await Task.WhenAny(PassAsync(dialler, dialled), PassAsync(dialled, dialler));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ChatException or SocketException or ObjectDisposedException)
        {
            // one of the two would not have him
        }
    }

    private async Task PassAsync(SecureSession from, SecureSession to)
    {
        try
        {
            using RecordReader reader = new(from.Stream, from.Keys.Receiving);
            using RecordBuilder builder = new(to.Keys.Sending);
            while (true)
            {
                ReadOnlyMemory<byte> plaintext = await reader.ReadAsync(_stop.Token);
                if (plaintext.IsEmpty)
                {
                    return;
                }

                Read += plaintext.Length;
                plaintext.Span.CopyTo(builder.GetSpan(plaintext.Length));
                builder.Advance(plaintext.Length);
                await to.Stream.WriteAsync(builder.Seal(), _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or Engine.Wire.ProtocolException)
        {
            // a side has ended
        }
    }
}
