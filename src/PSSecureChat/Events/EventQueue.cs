using System.Management.Automation;

namespace PSSecureChat.Events;

/// <summary>
/// Hands events over to PowerShell, in their order. The handler that PowerShell adds to an event would hand each to a thread of its
/// own, where they overtake each other; so events are raised under the name of the subscription. And PowerShell's queues have no bound: when too
/// many wait there, whoever raises waits here, and the messages wait in the store.
/// </summary>
internal sealed class EventQueue : IDisposable
{
    /// <summary>Events after which the raising waits for those before.</summary>
    private const int Most = 1000;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private readonly PSEventManager _events;
    private readonly string _identifier;
    private readonly PSObject? _data;
    private readonly string _marker = $"PSSecureChat.{Guid.NewGuid():N}";
    private readonly PSEventSubscriber? _subscriber;
    private int _added;

    /// <param name="events">The runspace's.</param>
    /// <param name="identifier">The name of the subscription.</param>
    /// <param name="data">Its data.</param>
    /// <param name="hasAction">Whether an action handles the events, in their order; else they wait to be fetched.</param>
    public EventQueue(PSEventManager events, string identifier, PSObject? data, bool hasAction)
    {
        _events = events;
        _identifier = identifier;
        _data = data;
        if (hasAction)
        {
            // An event of our own goes through the same queue as the actions: when it is handled, so are those before it.
            _subscriber = events.SubscribeEvent(null, null, _marker, null, ScriptBlock.Create("$Event.MessageData.Invoke()"), supportEvent: true, forwardEvent: false);
        }
    }

    /// <summary>Raises an event; completes when the next one may be.</summary>
    public async ValueTask AddAsync(ChatEventSource source, ChatEventArgs seen, CancellationToken cancellationToken)
    {
        Raise(_identifier, source, [source, seen], _data);
        if (++_added < Most)
        {
            return;
        }

        if (_subscriber is not null)
        {
            _added = 0;
            TaskCompletionSource handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Raise(_marker, null, [], new PSObject((Action)(() => handled.TrySetResult())));
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

    // On this thread, for the order; what handles the event runs when the session comes to it.
    private void Raise(string identifier, object? sender, object[] args, PSObject? data) =>
        _events.GenerateEvent(identifier, sender, args, data, processInCurrentThread: true, waitForCompletionInCurrentThread: false);

    private int Waiting()
    {
        lock (_events.ReceivedEvents.SyncRoot)
        {
            return _events.ReceivedEvents.Count(waiting => string.Equals(waiting.SourceIdentifier, _identifier, StringComparison.OrdinalIgnoreCase));
        }
    }
}
