using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PSSecureChat.Faults.Proxy;

/// <summary>A TCP proxy on loopback that gives each connection the next fate, and none once there are no more.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Fate> _fates;
    private readonly ConcurrentDictionary<Task, bool> _connections = [];
    private readonly int _target;
    private readonly Task _loop;
    private int _done;

    public FaultyProxy(int target, IEnumerable<Fate> fates)
    {
        _target = target;
        _fates = new ConcurrentQueue<Fate>(fates);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _loop = RunAsync();
    }

    public int Port { get; }

    /// <summary>Fates that have come about.</summary>
    public int Done => Volatile.Read(ref _done);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        await Task.WhenAll(_connections.Keys);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                Socket dialler = await _listener.AcceptAsync(_stop.Token);
                Fate fate = _fates.TryDequeue(out Fate? next) ? next : Fate.None;
                _connections.TryAdd(PipeAsync(dialler, fate), true);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // disposed of
        }
    }

    private async Task PipeAsync(Socket dialler, Fate fate)
    {
        using Socket first = dialler;
        using Socket second = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        first.NoDelay = true;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            await second.ConnectAsync(IPAddress.Loopback, _target, end.Token);
            await Task.WhenAll(CopyAsync(first, second, true, fate, end), CopyAsync(second, first, false, fate, end));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            if (fate.Kind != FateKind.End)
            {
                first.Close(0); // a reset, not an orderly end
                second.Close(0);
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool forward, Fate fate, CancellationTokenSource end)
    {
        byte[] buffer = new byte[64 * 1024];
        long left = fate.Kind != FateKind.None && forward == fate.Forward ? fate.At : long.MaxValue;
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer.AsMemory(0, Math.Min(buffer.Length, fate.Piece)), end.Token)) > 0)
            {
                Memory<byte> bytes = buffer.AsMemory(0, count);
                if (left < count)
                {
                    Interlocked.Increment(ref _done);
                    if (fate.Kind == FateKind.Flip)
                    {
                        bytes.Span[(int)left] ^= 0x10;
                    }
                    else
                    {
                        await to.SendAsync(bytes[..(int)left], end.Token);
                        await Task.Delay(fate.Kind == FateKind.Stall ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, end.Token);
                        await end.CancelAsync();
                        return;
                    }
                }

                left = left < count ? long.MaxValue : left - count;
                for (Memory<byte> rest = bytes; !rest.IsEmpty;)
                {
                    rest = rest[await to.SendAsync(rest, end.Token)..];
                }

                if (fate.Pause > TimeSpan.Zero)
                {
                    await Task.Delay(fate.Pause, end.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            await end.CancelAsync();
        }
    }
}
