namespace PSSecureChat.Engine.Network;

/// <summary>Asking whether the other side is still there.</summary>
internal sealed partial class Conversation
{
    private long _pongs;

    /// <summary>Measures a round trip.</summary>
    /// <returns>The round trip; null when the conversation ended instead.</returns>
    public async Task<TimeSpan?> PingAsync(CancellationToken cancellationToken)
    {
        long before = Interlocked.Read(ref _pongs);
        RequestPing();
        await _changed.WhenAsync(() => Interlocked.Read(ref _pongs) > before || _abort.IsCancellationRequested, cancellationToken).ConfigureAwait(false);
        return Interlocked.Read(ref _pongs) > before ? RoundTrip : null;
    }

    /// <summary>Where the two streams went on, in words; empty until they did.</summary>
    public string Position => _flowing && _record is { } record
        ? $"messages go on after {Math.Max(0, record.OutAcked)} of ours and {_receiveFrom} of theirs; {Math.Max(0, record.OutStored - record.OutAcked - record.Retired.Count)} of ours wait"
        : string.Empty;
}
