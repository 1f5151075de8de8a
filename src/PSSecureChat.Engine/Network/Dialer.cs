using System.Net;
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
        Socket socket = await ConnectAsync(address, limits, time, progress, cancellationToken).ConfigureAwait(false);
        using CancellationTokenSource limit = new(limits.Handshake, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            long begun = time.GetTimestamp();
            SecureSession session = await Handshake.DialAsync(stream, local, address, invitation, identity => Judge(identity, pin, progress), both.Token).ConfigureAwait(false);
            progress?.Invoke($"the handshake {session.Suite} took {time.GetElapsedTime(begun).TotalMilliseconds:0.#} ms");
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

    /// <summary>Dials and looks who answers. The other side learns that somebody looked, and not who.</summary>
    /// <returns>The identity, and how long its answer took.</returns>
    /// <exception cref="ChatException">Why nobody can be reached there.</exception>
    public static async Task<(IdentityKey Identity, TimeSpan RoundTrip)> ProbeAsync(PeerAddress address, LocalParty local, Limits limits, TimeProvider time, Action<string>? progress, CancellationToken cancellationToken)
    {
        Socket socket = await ConnectAsync(address, limits, time, progress, cancellationToken).ConfigureAwait(false);
        using CancellationTokenSource limit = new(limits.Handshake, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        NetworkStream stream = new(socket, ownsSocket: true);
        await using (stream.ConfigureAwait(false))
        {
            try
            {
                long begun = time.GetTimestamp();
                IdentityKey identity = await Handshake.ProbeAsync(stream, local, address, both.Token).ConfigureAwait(false);
                TimeSpan took = time.GetElapsedTime(begun);
                progress?.Invoke($"it answers {Handshake.SuiteOf(invited: false)} after {took.TotalMilliseconds:0.#} ms with the fingerprint {identity.Fingerprint}; the handshake is left there");
                return (identity, took);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw ChatErrors.HandshakeTimedOut(address.ToString(), limits.Handshake);
            }
        }
    }

    // A socket for both families names IPv4 addresses in the way of IPv6.
    private static IPEndPoint Plain(IPEndPoint remote) => remote.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(remote.Address.MapToIPv4(), remote.Port) : remote;

    private static void Judge(IdentityKey identity, Action<IdentityKey> pin, Action<string>? progress)
    {
        progress?.Invoke($"it has proved the fingerprint {identity.Fingerprint}");
        pin(identity);
    }

    private static async Task<Socket> ConnectAsync(PeerAddress address, Limits limits, TimeProvider time, Action<string>? progress, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(limits.Connect, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (!IPAddress.TryParse(address.Host, out IPAddress? literal))
            {
                progress?.Invoke($"resolving {address.Host}");
            }

            IPAddress[] addresses = literal is null ? await Dns.GetHostAddressesAsync(address.Host, both.Token).ConfigureAwait(false) : [literal];
            progress?.Invoke($"connecting to {address}{(literal is null ? $" ({string.Join(", ", addresses.Select(static found => found.ToString()))})" : "")}");
            await socket.ConnectAsync(addresses, address.Port, both.Token).ConfigureAwait(false);
            progress?.Invoke($"connected to {(socket.RemoteEndPoint is IPEndPoint remote ? Plain(remote) : socket.RemoteEndPoint)}");
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
