namespace PSSecureChat.Engine.Store;

/// <summary>
/// How much waits to be delivered to one peer, in messages and bytes of UTF-8: what the writer has yet to store, and what
/// is stored and neither acknowledged nor retired. For any thread. An acknowledgement names only a number, so
/// the bytes are kept by stretches of numbers; inside a stretch they count as spread evenly, and over a whole one exactly.
/// </summary>
internal sealed class OutboxLoad
{
    /// <summary>Commits are put together to stretches of up to so many messages, so that a million that wait cost little.</summary>
    private const int StretchMessages = 256;

    /// <summary>The same in bytes.</summary>
    private const int StretchBytes = 64 * 1024;

    private readonly object _lock = new();
    private readonly LinkedList<Stretch> _stretches = new();
    private long _reserved;
    private long _reservedBytes;
    private long _stored;
    private long _storedBytes;

    private record struct Stretch(long First, long Last, long Bytes);

    /// <summary>What waits: messages and bytes.</summary>
    public (long Messages, long Bytes) Now
    {
        get
        {
            lock (_lock)
            {
                return (_stored + _reserved, _storedBytes + _reservedBytes);
            }
        }
    }

    /// <summary>The bytes of what is stored.</summary>
    public long StoredBytes
    {
        get
        {
            lock (_lock)
            {
                return _storedBytes;
            }
        }
    }

    /// <summary>Takes room for a message that is about to be stored; false when there is none.</summary>
    public bool TryReserve(int bytes, Limits limits)
    {
        lock (_lock)
        {
            if (_stored + _reserved >= limits.OutboxMessages || _storedBytes + _reservedBytes + bytes > limits.OutboxBytes)
            {
                return false;
            }

            _reserved++;
            _reservedBytes += bytes;
            return true;
        }
    }

    /// <summary>The message was not stored after all.</summary>
    public void Release(int bytes)
    {
        lock (_lock)
        {
            _reserved--;
            _reservedBytes -= bytes;
        }
    }

    /// <summary>What was reserved is committed under these numbers.</summary>
    public void Store(long first, long last, long bytes)
    {
        lock (_lock)
        {
            _reserved -= last - first + 1;
            _reservedBytes -= bytes;
            Add(first, last, bytes);
        }
    }

    /// <summary>What a store holds when it is opened.</summary>
    public void Load(long first, long last, long bytes)
    {
        lock (_lock)
        {
            Add(first, last, bytes);
        }
    }

    /// <summary>The peer has acknowledged the numbers beyond one up to another.</summary>
    public void Acknowledge(long beyond, long upTo)
    {
        lock (_lock)
        {
            _stored -= upTo - beyond;
            while (_stretches.First is LinkedListNode<Stretch> first && first.Value.First <= upTo)
            {
                (long from, long to, long bytes) = first.Value;
                if (to <= upTo)
                {
                    _storedBytes -= bytes;
                    _stretches.RemoveFirst();
                    continue;
                }

                long gone = (long)((Int128)bytes * (upTo - from + 1) / (to - from + 1));
                _storedBytes -= gone;
                first.Value = new Stretch(upTo + 1, to, bytes - gone);
            }
        }
    }

    /// <summary>Messages were withdrawn, failed or expired: they wait no more.</summary>
    /// <param name="messages">How many; negative to undo it when their numbers were acknowledged, too.</param>
    /// <param name="bytes">Their bytes.</param>
    public void Retire(long messages, long bytes)
    {
        lock (_lock)
        {
            _stored -= messages;
            _storedBytes -= bytes;
        }
    }

    private void Add(long first, long last, long bytes)
    {
        _stored += last - first + 1;
        _storedBytes += bytes;
        if (_stretches.Last is LinkedListNode<Stretch> end && end.Value.Last == first - 1
            && last - end.Value.First < StretchMessages && end.Value.Bytes + bytes <= StretchBytes)
        {
            end.Value = new Stretch(end.Value.First, last, end.Value.Bytes + bytes);
        }
        else
        {
            _stretches.AddLast(new Stretch(first, last, bytes));
        }
    }
}
