namespace PSSecureChat.Faults.Simulation;

/// <summary>One machine's clock: time passes as the simulation says, and the calendar can jump either way.</summary>
/// <param name="passing">The time that passes for everyone.</param>
internal sealed class SimulatedClock(TimeProvider passing) : TimeProvider
{
    private long _offset;

    /// <summary>How far the calendar is off.</summary>
    public TimeSpan Offset
    {
        get => new(Volatile.Read(ref _offset));
        set => Volatile.Write(ref _offset, value.Ticks);
    }

    public override long TimestampFrequency => passing.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => passing.GetUtcNow() + Offset;

    public override long GetTimestamp() => passing.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => passing.CreateTimer(callback, state, dueTime, period);
}
