namespace PSSecureChat.Engine.Store;

/// <summary>
/// The messages committed for a connected peer and not yet sent, so that the sender need not read them back
/// from the store. Bounded: past the bound it is emptied and the sender reads the store until it has caught up.
/// </summary>
internal sealed class OutboxTail(Limits limits, Action wake)
{
    private readonly Queue<ChatMessage> _queue = new();
    private readonly object _lock = new();
    private int _bytes;
    private long _storedUpTo;

    /// <summary>The last number that is committed and may be sent.</summary>
    public long StoredUpTo => Volatile.Read(ref _storedUpTo);

    /// <summary>Called by the writer after the commit, in order.</summary>
    public void Add(ChatMessage message)
    {
        lock (_lock)
        {
            if (_queue.Count >= limits.OutboxTail || _bytes > limits.OutboxTailBytes)
            {
                _queue.Clear();
                _bytes = 0;
            }

            _queue.Enqueue(message);
            _bytes += message.Text.Length;
        }
    }

    /// <summary>Tells the sender up to where it may send.</summary>
    public void Announce(long storedUpTo)
    {
        long current;
        while (storedUpTo > (current = StoredUpTo))
        {
            Interlocked.CompareExchange(ref _storedUpTo, storedUpTo, current);
        }

        wake();
    }

    /// <summary>Takes the message of this number if it is here; drops older ones.</summary>
    public bool TryTake(long sequence, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ChatMessage? message)
    {
        lock (_lock)
        {
            while (_queue.TryPeek(out message) && message.Sequence <= sequence)
            {
                _queue.Dequeue();
                _bytes -= message.Text.Length;
                if (message.Sequence == sequence)
                {
                    return true;
                }
            }
        }

        message = null;
        return false;
    }
}
