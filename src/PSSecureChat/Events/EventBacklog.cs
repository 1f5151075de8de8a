using System.Management.Automation;

namespace PSSecureChat.Events;

/// <summary>
/// Keeps the events that PowerShell has and nobody has handled yet below a bound: PowerShell's own queues have none. Whoever raises
/// waits here, and the messages wait in the store.
/// </summary>
internal sealed class EventBacklog : IDisposable
{
    /// <summary>Events after which the raising waits for those before.</summary>
    private const int Most = 1000;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private readonly PSEventManager _events;
    private readonly string _marker = $"PSSecureChat.{Guid.NewGuid():N}";
    private readonly PSEventSubscriber? _subscriber;
    private TaskCompletionSource _handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _added;

    /// <param name="events">The runspace's.</param>
    /// <param name="hasAction">Whether an action handles the events, in their order; else they wait to be fetched.</param>
    public EventBacklog(PSEventManager events, bool hasAction)
    {
        _events = events;
        if (hasAction)
        {
            // An event of our own runs through the same queue as the actions: when it is handled, so are those before it.
            _subscriber = events.SubscribeEvent(null, null, _marker, null, (_, _) => Volatile.Read(ref _handled).TrySetResult(), supportEvent: true, forwardEvent: false);
        }
    }

    /// <summary>The subscription whose events are counted where there is no action. Known only once it is made.</summary>
    public string? SourceIdentifier { get; set; }

    /// <summary>An event was raised; completes when the next one may be.</summary>
    public async ValueTask AddedAsync(CancellationToken cancellationToken)
    {
        if (++_added < Most)
        {
            return;
        }

        if (_subscriber is not null)
        {
            _added = 0;
            TaskCompletionSource handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _handled, handled);
            _events.GenerateEvent(_marker, null, [], null);
            await handled.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        // PowerShell tells nobody when an event is removed.
        while ((_added = Waiting()) >= Most)
        {
            await Task.Delay(s_look, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        if (_subscriber is not null)
        {
            _events.UnsubscribeEvent(_subscriber);
        }
    }

    private int Waiting()
    {
        lock (_events.ReceivedEvents.SyncRoot)
        {
            return _events.ReceivedEvents.Count(waiting => waiting.SourceIdentifier == SourceIdentifier);
        }
    }
}
