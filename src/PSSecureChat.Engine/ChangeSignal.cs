namespace PSSecureChat.Engine;

/// <summary>
/// Wakes everyone who waits for something to change. Costs nothing while nobody waits. Waiting on a condition:
/// take <see cref="Next"/>, look at the condition, and only then await what was taken.
/// </summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource? _waiters;

    /// <summary>A task that completes at the next <see cref="Pulse"/>.</summary>
    public Task Next
    {
        get
        {
            TaskCompletionSource? current = Volatile.Read(ref _waiters);
            if (current is null)
            {
                TaskCompletionSource created = new(TaskCreationOptions.RunContinuationsAsynchronously);
                current = Interlocked.CompareExchange(ref _waiters, created, null) ?? created;
            }

            return current.Task;
        }
    }

    /// <summary>Something changed.</summary>
    public void Pulse()
    {
        // A full fence: what changed must be visible before the waiters are looked for.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _waiters) is not null)
        {
            Interlocked.Exchange(ref _waiters, null)?.TrySetResult();
        }
    }

    /// <summary>Waits until the condition holds. The condition is looked at after every pulse.</summary>
    public async Task WhenAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next = Next;
            if (condition())
            {
                return;
            }

            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
