using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace PSSecureChat.Events;

/// <summary>The chat events registered in a runspace. They end with Unregister-Event, with their server, with the module, and with the runspace.</summary>
internal sealed class EventList
{
    private static readonly ConditionalWeakTable<Runspace, EventList> s_lists = [];
    private readonly List<(PSEventSubscriber Subscriber, ChatEventSource Source, EventQueue Queue)> _entries = [];

    private EventList(Runspace runspace) => runspace.StateChanged += (_, change) =>
    {
        // Its event manager goes without taking its handlers along.
        if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
        {
            lock (_entries)
            {
                _entries.ForEach(static entry => entry.Source.End());
                _entries.Clear();
            }
        }
    };

    /// <summary>That of the runspace that runs on this thread.</summary>
    public static EventList Current => s_lists.GetValue(Runspace.DefaultRunspace!, static runspace => new EventList(runspace));

    /// <summary>Ends the events of a runspace. On its pipeline's thread.</summary>
    /// <param name="runspace">The runspace.</param>
    /// <param name="events">Its event manager.</param>
    /// <param name="server">Of this server only; null for all.</param>
    public static void End(Runspace runspace, PSEventManager events, ChatServer? server)
    {
        if (!s_lists.TryGetValue(runspace, out EventList? list))
        {
            return;
        }

        (PSEventSubscriber Subscriber, ChatEventSource Source, EventQueue Queue)[] ending;
        lock (list._entries)
        {
            ending = [.. list._entries.Where(entry => server is null || entry.Source.Server == server)];
        }

        foreach (PSEventSubscriber subscriber in ending.Select(static entry => entry.Subscriber))
        {
            events.UnsubscribeEvent(subscriber);
        }
    }

    public void Add(PSEventSubscriber subscriber, ChatEventSource source, EventQueue queue)
    {
        lock (_entries)
        {
            _entries.Add((subscriber, source, queue));
        }

        subscriber.Unsubscribed += (_, _) =>
        {
            lock (_entries)
            {
                _entries.RemoveAll(entry => entry.Subscriber == subscriber);
            }

            queue.Dispose();
        };
    }
}
