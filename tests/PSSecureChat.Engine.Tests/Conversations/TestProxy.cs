using System.Net;
using System.Net.Sockets;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>A TCP proxy on loopback that records what passes and can cut it into pieces, change it or end it.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly MemoryStream _passed = new();
    private readonly int _target;

    public TestProxy(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = RunAsync();
    }

    public int Port { get; }

    /// <summary>The most bytes of one write.</summary>
    public int PieceSize { get; set; } = int.MaxValue;

    /// <summary>Changes bytes on their way: direction (true for dialler to listener), position in that direction, the bytes.</summary>
    public Action<bool, long, Memory<byte>>? Change { get; set; }

    /// <summary>Everything that passed, both directions.</summary>
    public byte[] Passed
    {
        get
        {
            lock (_passed)
            {
                return _passed.ToArray();
            }
        }
    }

    /// <summary>Cuts every connection without a farewell.</summary>
    public void Cut()
    {
        lock (_sockets)
        {
            foreach (Socket socket in _sockets)
            {
                socket.Close(0); // a reset, not an orderly end
            }

            _sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                Socket dialler = await _listener.AcceptSocketAsync(_stop.Token);
                Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
                lock (_sockets)
                {
                    _sockets.AddRange([dialler, listener]);
                }

                _ = PipeAsync(dialler, listener);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the end of the test
        }
    }

    private async Task PipeAsync(Socket dialler, Socket listener)
    {
        try
        {
            await listener.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            dialler.NoDelay = listener.NoDelay = true;
            await Task.WhenAll(CopyAsync(dialler, listener, true), CopyAsync(listener, dialler, false));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            dialler.Dispose();
            listener.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool forward)
    {
        byte[] buffer = new byte[64 * 1024];
        long position = 0;
        int count;
        while ((count = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
        {
            Memory<byte> bytes = buffer.AsMemory(0, count);
            Change?.Invoke(forward, position, bytes);
            position += count;
            lock (_passed)
            {
                _passed.Write(bytes.Span);
            }

            while (!bytes.IsEmpty)
            {
                int size = Math.Min(PieceSize, bytes.Length);
                await to.SendAsync(bytes[..size], _stop.Token);
                bytes = bytes[size..];
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
