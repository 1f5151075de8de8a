namespace PSSecureChat.Faults.Simulation;

/// <summary>One direction of a link. It holds as much as is written: back-pressure is TCP's and is not simulated.</summary>
internal sealed class LinkDirection(LinkFault fault, TimeProvider time, SimulatedLink link)
{
    private readonly object _lock = new();
    private readonly Queue<byte[]> _underWay = new();
    private readonly Queue<byte[]> _arrived = new();
    private TaskCompletionSource? _reader;
    private int _offset;
    private long _position;
    private bool _held;
    private bool _ended;
    private bool _broken;

    public bool IsMute { get; set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        byte[] passing = bytes.ToArray();
        bool cut = false;
        lock (_lock)
        {
            if (_broken || _ended)
            {
                throw new IOException("The connection is gone.");
            }

            if (IsMute)
            {
                return;
            }

            long at = fault.At - _position;
            _position += passing.Length;
            if (fault.Kind != LinkFaultKind.None && at >= 0 && at < passing.Length)
            {
                link.HasFailed = true;
                cut = fault.Kind == LinkFaultKind.Cut;
                passing = Fail(passing, (int)at);
            }

            _underWay.Enqueue(passing);
            if (fault.Latency == TimeSpan.Zero && !_held)
            {
                Arrive(all: true);
            }
            else if (!_held)
            {
                _ = ArriveAsync();
            }
        }

        if (cut)
        {
            link.Cut();
        }
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested(); // as a socket does, whatever has arrived
            Task arrival;
            lock (_lock)
            {
                if (_arrived.TryPeek(out byte[]? next))
                {
                    int count = Math.Min(Math.Min(buffer.Length, next.Length - _offset), fault.Piece);
                    next.AsSpan(_offset, count).CopyTo(buffer.Span);
                    _offset += count;
                    if (_offset == next.Length)
                    {
                        _arrived.Dequeue();
                        _offset = 0;
                    }

                    if (count > 0 || buffer.IsEmpty)
                    {
                        return count;
                    }

                    continue; // a fault took all of it
                }

                if (_broken)
                {
                    throw new IOException("The connection is gone.");
                }

                if (_ended && _underWay.Count == 0)
                {
                    return 0;
                }

                _reader ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrival = _reader.Task;
            }

            await arrival.WaitAsync(cancellationToken);
        }
    }

    /// <summary>An orderly end behind what was written.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            if (!IsMute)
            {
                Wake();
            }
        }
    }

    public void Break()
    {
        lock (_lock)
        {
            _broken = true;
            _underWay.Clear();
            Wake();
        }
    }

    public void Hold()
    {
        lock (_lock)
        {
            _held = true;
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _held = false;
            Arrive(all: true);
        }
    }

    private byte[] Fail(byte[] bytes, int at)
    {
        switch (fault.Kind)
        {
            case LinkFaultKind.Cut:
                return bytes[..at];
            case LinkFaultKind.Mute:
                link.Mute();
                return bytes[..at];
            case LinkFaultKind.Flip:
                bytes[at] ^= 1;
                return bytes;
            case LinkFaultKind.Repeat:
                return [.. bytes[..at], .. bytes];
            default:
                return [.. bytes[..at], .. bytes.AsSpan(Math.Min(bytes.Length, at + 7))];
        }
    }

    // All have the same way before them, so the oldest is always the next to arrive.
    private async Task ArriveAsync()
    {
        await Task.Delay(fault.Latency, time);
        lock (_lock)
        {
            Arrive(all: false);
        }
    }

    private void Arrive(bool all)
    {
        while (_underWay.TryDequeue(out byte[]? next))
        {
            _arrived.Enqueue(next);
            if (!all)
            {
                break;
            }
        }

        Wake();
    }

    private void Wake()
    {
        _reader?.TrySetResult();
        _reader = null;
    }
}
