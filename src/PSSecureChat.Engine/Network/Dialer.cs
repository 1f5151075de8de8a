using System.Net.Sockets;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine.Network;

/// <summary>Dials an address and shakes hands.</summary>
internal static class Dialer
{
    /// <summary>Dials.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="invitation">The secret of the invitation that names the address, borrowed; null without one.</param>
    /// <param name="local">Our side.</param>
    /// <param name="limits">Times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="pin">Judges the identity before anything of ours is shown; throws to refuse it.</param>
    /// <param name="progress">Told what is being done; may be null.</param>
    /// <param name="cancellationToken">The caller's own end.</param>
    /// <exception cref="ChatException">Why there is no conversation.</exception>
    public static async Task<SecureSession> DialAsync(PeerAddress address, PreSharedKey? invitation, LocalParty local, Limits limits, TimeProvider time, Action<IdentityKey> pin, Action<string>? progress, CancellationToken cancellationToken)
    {
        progress?.Invoke($"connecting to {address}");
        Socket socket = await ConnectAsync(address, limits, time, cancellationToken).ConfigureAwait(false);
        using CancellationTokenSource limit = new(limits.Handshake, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            progress?.Invoke($"connected to {socket.RemoteEndPoint}; shaking hands");
            SecureSession session = await Handshake.DialAsync(stream, local, address, invitation, pin, both.Token).ConfigureAwait(false);
            progress?.Invoke($"handshake with {address} done: identity {session.Remote.Fingerprint}");
            return session;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw ChatErrors.HandshakeTimedOut(address.ToString(), limits.Handshake);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<Socket> ConnectAsync(PeerAddress address, Limits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(limits.Connect, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, both.Token).ConfigureAwait(false);
            return socket;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw ChatErrors.ConnectTimedOut(address.ToString(), limits.Connect);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw ChatErrors.FromConnect(address.Host, address.ToString(), e);
        }
        catch (ArgumentException)
        {
            socket.Dispose();
            throw ChatErrors.AddressNotUsable(address.Host);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
