using System.Net;
using System.Net.Sockets;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// Accepts connections and hands them to a handler, each on its own. What a stranger can cost before its handshake
/// is done is bounded: by rate an address, by rate in all, by number and by time.
/// </summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly Func<Socket, CancellationToken, Task> _handler;
    private readonly CancellationTokenSource _stop = new();
    private readonly LinkedList<CancellationTokenSource> _halfOpen = new();
    private readonly Dictionary<IPAddress, TokenBucket> _buckets = [];
    private readonly Task _loop;
    private TokenBucket _all;

    /// <param name="socket">Bound and listening; owned from now on.</param>
    /// <param name="limits">Rates and bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="handler">Takes a connection; its token ends the handshake. Must not throw.</param>
    /// <param name="failed">Told when accepting ends by a failure.</param>
    public Listener(Socket socket, Limits limits, TimeProvider time, Func<Socket, CancellationToken, Task> handler, Action<Exception> failed)
    {
        _socket = socket;
        _limits = limits;
        _time = time;
        _handler = handler;
        _all = new TokenBucket(limits.AcceptInAll, limits.AcceptInAll, time.GetTimestamp());
        _loop = RunAsync(failed);
    }

    /// <summary>Binds a socket.</summary>
    /// <param name="address">Address or local host name; null for all addresses, both families.</param>
    /// <param name="port">0 for any.</param>
    /// <exception cref="ChatException">PortInUse, AddressNotLocal, PermissionDenied, HostUnknown.</exception>
    public static async Task<Socket> BindAsync(string? address, int port, CancellationToken cancellationToken)
    {
        IPAddress local = await ResolveAsync(address, cancellationToken).ConfigureAwait(false);
        Socket socket = new(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                socket.ExclusiveAddressUse = true; // nobody else may bind over us
            }

            if (address is null && local.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(local, port));
            socket.Listen(512);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw ChatErrors.FromListen(address ?? local.ToString(), new IPEndPoint(local, port).ToString(), port, e);
        }
    }

    /// <summary>Stops accepting and ends handshakes under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _loop.ConfigureAwait(false);
    }

    private static async Task<IPAddress> ResolveAsync(string? address, CancellationToken cancellationToken)
    {
        if (address is null)
        {
            return Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        }

        if (IPAddress.TryParse(address, out IPAddress? parsed))
        {
            return parsed;
        }

        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(address, cancellationToken).ConfigureAwait(false);
            return Array.Find(found, a => a.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw ChatErrors.HostUnknown(address, e);
        }
    }

    private async Task RunAsync(Action<Exception> failed)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket connection = await _socket.AcceptAsync(_stop.Token).ConfigureAwait(false);
                if (Admits(connection))
                {
                    _ = HandleAsync(connection);
                }
                else
                {
                    connection.Dispose();
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // the other side left before it was accepted
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                // out of descriptors: others must end first; a pause keeps the loop from burning a core
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time).ConfigureAwait(false);
            }
            catch (Exception e) // a listener must never go deaf in silence
            {
                failed(e);
                return;
            }
        }
    }

    private bool Admits(Socket connection)
    {
        if (connection.RemoteEndPoint is not IPEndPoint remote)
        {
            return false;
        }

        long now = _time.GetTimestamp();
        if (_buckets.Count > 4096)
        {
            Forget(now);
        }

        IPAddress address = Network(remote.Address);
        if (!_buckets.TryGetValue(address, out TokenBucket bucket))
        {
            bucket = new TokenBucket(_limits.AcceptPerAddress, _limits.AcceptPerAddressBurst, now);
        }

        bool admitted = bucket.TryTake(_time, now);
        _buckets[address] = bucket;
        return admitted && _all.TryTake(_time, now);
    }

    // Whoever has one IPv6 address has the 2^64 of its network.
    private static IPAddress Network(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private void Forget(long now)
    {
        foreach ((IPAddress address, TokenBucket bucket) in _buckets)
        {
            if (bucket.IsFull(_time, now))
            {
                _buckets.Remove(address);
            }
        }
    }

    private async Task HandleAsync(Socket connection)
    {
        using CancellationTokenSource limit = new(_limits.Handshake, _time);
        using CancellationTokenRegistration stop = _stop.Token.Register(static state => ((CancellationTokenSource)state!).Cancel(), limit);
        LinkedListNode<CancellationTokenSource> node;
        CancellationTokenSource? oldest = null;
        lock (_halfOpen)
        {
            node = _halfOpen.AddLast(limit);
            if (_halfOpen.Count > _limits.HalfOpen)
            {
                // A true handshake takes milliseconds: whoever has waited longest is the likeliest to mean no good.
                oldest = _halfOpen.First!.Value;
                _halfOpen.RemoveFirst();
            }
        }

        try
        {
            oldest?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // the oldest had just finished
        }

        try
        {
            await _handler(connection, limit.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_halfOpen)
            {
                if (node.List is not null)
                {
                    _halfOpen.Remove(node);
                }
            }
        }
    }
}
