namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>A clock that a test moves forward by as much as it likes; timers run as they always do.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _ticks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ticks));
}
