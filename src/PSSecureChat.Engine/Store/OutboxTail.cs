using System.Diagnostics.CodeAnalysis;

namespace PSSecureChat.Engine.Store;

/// <summary>What the sender finds at the next number of a stream.</summary>
internal enum OutboxTake
{
    /// <summary>It is the sender's: it goes out.</summary>
    Taken,

    /// <summary>Not in memory: to be read from the store.</summary>
    NotHere,

    /// <summary>It will not be sent; its number is bridged.</summary>
    Retired,

    /// <summary>The store is about to say whether it is retired: wait.</summary>
    Held,

    /// <summary>Its time is over and the store does not know yet.</summary>
    Expired,
}

/// <summary>
/// Where the writer and the sender of a connected peer meet. It keeps the messages committed and not yet sent, so that the
/// sender need not read them back; bounded: past the bound it is emptied and the sender reads the store until it
/// has caught up. And it decides between the sender that takes a number and the writer that retires it.
/// </summary>
/// <param name="limits">The bound.</param>
/// <param name="time">The clock that messages expire by.</param>
/// <param name="takenUpTo">What the other side has.</param>
/// <param name="sentBefore">What an earlier conversation may have sent: it may still arrive, though it is not sent again.</param>
/// <param name="wake">Wakes the sender.</param>
internal sealed class OutboxTail(Limits limits, TimeProvider time, long takenUpTo, long sentBefore, Action wake)
{
    private readonly Queue<ChatMessage> _queue = new();
    private HashSet<long>? _held; // both of them: null while there is none, as with nearly every one of ten thousand
    private HashSet<long>? _retired;
    private readonly object _lock = new();
    private long _takenUpTo = takenUpTo;
    private int _bytes;
    private long _storedUpTo;

    /// <summary>The last number that is committed and may be sent.</summary>
    public long StoredUpTo => Volatile.Read(ref _storedUpTo);

    /// <summary>What an earlier conversation may have sent.</summary>
    public long SentBefore { get; } = sentBefore;

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
    public OutboxTake TryTake(long sequence, out ChatMessage? message)
    {
        lock (_lock)
        {
            while (_queue.TryPeek(out message) && message.Sequence < sequence)
            {
                Drop();
            }

            bool here = message?.Sequence == sequence;
            OutboxTake take = here ? Take(sequence, message!.Expiry)
                : _retired?.Contains(sequence) == true ? OutboxTake.Retired
                : OutboxTake.NotHere;
            if (take is OutboxTake.Taken or OutboxTake.Expired)
            {
                Drop();
            }

            // The store knows whether it still waits; what is here is as it was when it came.
            return take == OutboxTake.Expired ? OutboxTake.NotHere : take;
        }
    }

    /// <summary>Takes a number whose message was read from the store.</summary>
    /// <param name="sequence">The number.</param>
    /// <param name="expiresAt">Milliseconds since 1970, 0 for never.</param>
    public OutboxTake TryTake(long sequence, long expiresAt)
    {
        lock (_lock)
        {
            return Take(sequence, expiresAt);
        }
    }

    /// <summary>The other side was told not to wait for the numbers up to this one.</summary>
    public void Bridged(long sequence)
    {
        lock (_lock)
        {
            _takenUpTo = Math.Max(_takenUpTo, sequence);
            _retired?.RemoveWhere(retired => retired <= sequence);
        }
    }

    /// <summary>Keeps the sender from taking a number until <see cref="Settle"/>; false when it has taken it already.</summary>
    public bool TryHold(long sequence)
    {
        lock (_lock)
        {
            if (sequence <= _takenUpTo)
            {
                return false;
            }

            (_held ??= []).Add(sequence);
            return true;
        }
    }

    /// <summary>Whether a number of this range is held.</summary>
    public bool IsHeld(long from, long to)
    {
        lock (_lock)
        {
            return _held?.Any(held => held >= from && held <= to) == true;
        }
    }

    /// <summary>Ends a hold: the number is retired, or free again.</summary>
    public void Settle(long sequence, bool retired)
    {
        lock (_lock)
        {
            _held?.Remove(sequence);
            if (retired)
            {
                (_retired ??= []).Add(sequence);
            }
        }
    }

    /// <summary>Has the sender look again.</summary>
    public void Wake() => wake();

    private OutboxTake Take(long sequence, long expiresAt)
    {
        if (_retired?.Contains(sequence) == true)
        {
            return OutboxTake.Retired;
        }

        if (_held?.Contains(sequence) == true)
        {
            return OutboxTake.Held;
        }

        if (expiresAt != 0 && expiresAt <= time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            return OutboxTake.Expired;
        }

        _takenUpTo = sequence;
        return OutboxTake.Taken;
    }

    private void Drop() => _bytes -= _queue.Dequeue().Text.Length;
}
