namespace PSSecureChat.Engine.Transfers;

/// <summary>Bytes a second, smoothed over the last moments. Belongs to whoever holds the book's gate.</summary>
internal sealed class TransferRate(TimeProvider time)
{
    // A new measurement weighs this much: a change of pace shows within a second or two, a hiccup hardly.
    private const double Weight = 0.3;

    private long _at;
    private long _bytes;
    private double _rate;

    public double BytesPerSecond => _rate;

    /// <summary>Begins anew at so many bytes.</summary>
    public void Start(long bytes)
    {
        _at = time.GetTimestamp();
        _bytes = bytes;
        _rate = 0;
    }

    /// <summary>Takes a measurement.</summary>
    public void Sample(long bytes)
    {
        double seconds = time.GetElapsedTime(_at).TotalSeconds;
        if (seconds <= 0)
        {
            return;
        }

        double now = (bytes - _bytes) / seconds;
        _rate = _rate == 0 ? now : (Weight * now) + ((1 - Weight) * _rate);
        _at = time.GetTimestamp();
        _bytes = bytes;
    }
}
