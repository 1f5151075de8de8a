using System.Threading.Tasks.Sources;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// Wakes one loop: said any number of times before the loop waits, it is heard once. One object for all its waits, which
/// allocate nothing. Said from any thread; waited for by one at a time.
/// </summary>
internal sealed class WakeSignal : IValueTaskSource
{
    private const int Silent = 0;
    private const int Said = 1;
    private const int AwaitedInSilence = 2;
    private ManualResetValueTaskSourceCore<bool> _wait;
    private int _state;

    /// <summary>Wakes the loop, now or when it waits next.</summary>
    public void Wake() => Wake(here: false);

    /// <summary>
    /// The same, and a loop that waits goes on on this thread, until it waits again: for who wakes very many that have little
    /// to do, and holds no lock.
    /// </summary>
    public void WakeHere() => Wake(here: true);

    /// <summary>Completes when the loop was woken since the last wait.</summary>
    public ValueTask WaitAsync()
    {
        _wait.Reset();
        if (Interlocked.CompareExchange(ref _state, AwaitedInSilence, Silent) == Said)
        {
            Interlocked.Exchange(ref _state, Silent); // a full fence: what comes after is looked for after
            return ValueTask.CompletedTask;
        }

        return new ValueTask(this, _wait.Version);
    }

    private void Wake(bool here)
    {
        // Whoever finds that another one has woken the loop meanwhile need not do it again: it looks after that.
        if (Interlocked.CompareExchange(ref _state, Said, Silent) == AwaitedInSilence
            && Interlocked.CompareExchange(ref _state, Silent, AwaitedInSilence) == AwaitedInSilence)
        {
            _wait.RunContinuationsAsynchronously = !here;
            _wait.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);
}
