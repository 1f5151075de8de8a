namespace PSSecureChat.Engine.Store;

/// <summary>Numbers of a stream whose messages were withdrawn or expired and that the other side has not bridged yet. For any thread.</summary>
internal sealed class RetiredNumbers
{
    private readonly SortedSet<long> _numbers = [];
    private volatile int _count;

    public int Count => _count;

    public void Add(long sequence)
    {
        lock (_numbers)
        {
            _numbers.Add(sequence);
            _count = _numbers.Count;
        }
    }

    public void ForgetUpTo(long sequence)
    {
        if (_count == 0)
        {
            return;
        }

        lock (_numbers)
        {
            while (_numbers.Count > 0 && _numbers.Min <= sequence)
            {
                _numbers.Remove(_numbers.Min);
            }

            _count = _numbers.Count;
        }
    }
}
