namespace PSSecureChat.Engine.Store;

/// <summary>Numbers of a stream whose messages were withdrawn or expired and that the other side has not bridged yet. For any thread.</summary>
internal sealed class RetiredNumbers
{
    private readonly object _lock = new();
    private SortedDictionary<long, long>? _bytes; // made with the first one: most peers never have any
    private volatile int _count;

    public int Count => _count;

    /// <summary>Adds a number and the bytes of its message; false when it is here already.</summary>
    public bool Add(long sequence, long bytes)
    {
        lock (_lock)
        {
            _bytes ??= [];
            bool added = _bytes.TryAdd(sequence, bytes);
            _count = _bytes.Count;
            return added;
        }
    }

    /// <summary>Whether each number of a range is among them.</summary>
    public bool Covers(long from, long to)
    {
        lock (_lock)
        {
            for (long number = from; number <= to; number++)
            {
                if (_bytes?.ContainsKey(number) != true)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Forgets the numbers up to one.</summary>
    /// <returns>How many they were, and the bytes of their messages.</returns>
    public (long Messages, long Bytes) ForgetUpTo(long sequence)
    {
        if (_count == 0)
        {
            return default;
        }

        lock (_lock)
        {
            long[] gone = [.. _bytes!.Keys.TakeWhile(number => number <= sequence)];
            long bytes = 0;
            foreach (long number in gone)
            {
                _bytes.Remove(number, out long its);
                bytes += its;
            }

            _count = _bytes.Count;
            return (gone.Length, bytes);
        }
    }
}
