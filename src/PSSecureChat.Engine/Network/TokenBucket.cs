namespace PSSecureChat.Engine.Network;

/// <summary>Lets so many through a second, and a burst at once. Not thread-safe.</summary>
internal struct TokenBucket(int rate, int burst, long now)
{
    private double _tokens = burst;
    private long _last = now;

    /// <summary>Whether the bucket is full again, that is, can be forgotten.</summary>
    public readonly bool IsFull(TimeProvider time, long now) => _tokens + (time.GetElapsedTime(_last, now).TotalSeconds * rate) >= burst;

    /// <summary>Takes a token if there is one.</summary>
    public bool TryTake(TimeProvider time, long now)
    {
        _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(_last, now).TotalSeconds * rate));
        _last = now;
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
