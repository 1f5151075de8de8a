using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using PSSecureChat.Engine;

namespace PSSecureChat.Internal;

/// <summary>
/// The servers a runspace started, oldest first. They stop when the module is removed there, when the
/// runspace closes, and when the process exits. Safe to use from any thread.
/// </summary>
internal sealed class ServerList
{
    /// <summary>How long a closing runspace or process waits for farewells and the last commit.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(3);

    private static readonly ConditionalWeakTable<Runspace, ServerList> Lists = [];

    private readonly object _lock = new();
    private readonly List<ChatServer> _servers = [];
    private bool _runspaceClosed;

    static ServerList() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
        Stop(Lists.SelectMany(static entry => entry.Value.TakeAll()));

    private ServerList(Runspace runspace) => runspace.StateChanged += (_, change) =>
    {
        // Closing a runspace does not remove its modules, so OnRemove is never called for it.
        if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
        {
            lock (_lock)
            {
                _runspaceClosed = true;
            }

            Stop(TakeAll());
        }
    };

    /// <summary>The list of the runspace that runs on this thread.</summary>
    public static ServerList Current => Lists.GetValue(
        Runspace.DefaultRunspace ?? throw new InvalidOperationException("This thread runs no runspace."),
        static runspace => new ServerList(runspace));

    /// <summary>
    /// The newest server that runs, or has failed: what was meant for one identity must not go out by another because of a full disk. The
    /// newest of all when there is none of these; null when there is none at all.
    /// </summary>
    public ChatServer? Newest
    {
        get
        {
            lock (_lock)
            {
                return _servers.FindLast(static server => server.State is ChatServerState.Running or ChatServerState.Failed) ?? _servers.LastOrDefault();
            }
        }
    }

    /// <summary>Stops the servers of a runspace and waits for them, within a limit.</summary>
    public static void Close(Runspace runspace)
    {
        if (Lists.TryGetValue(runspace, out ServerList? list))
        {
            Stop(list.TakeAll());
        }
    }

    /// <summary>A copy of the list.</summary>
    public ChatServer[] ToArray()
    {
        lock (_lock)
        {
            return [.. _servers];
        }
    }

    /// <summary>The newest server of this name, one that runs before one that does not; null when there is none.</summary>
    public ChatServer? Find(string name)
    {
        ChatServer[] named = Array.FindAll(ToArray(), server => string.Equals(server.Name, name, StringComparison.OrdinalIgnoreCase));
        return Array.FindLast(named, static server => server.State == ChatServerState.Running) ?? named.LastOrDefault();
    }

    /// <summary>Whether several servers of this name run, so that it tells none.</summary>
    public bool IsAmbiguous(string name) =>
        ToArray().Count(server => server.State == ChatServerState.Running && string.Equals(server.Name, name, StringComparison.OrdinalIgnoreCase)) > 1;

    /// <summary>The server that a name means; a stand-in that the cmdlet refuses when it means none, or several: it must not be the wrong identity that speaks.</summary>
    public ChatServer Named(string name) => (IsAmbiguous(name) ? null : Find(name)) ?? UnknownServer.Named(name);

    /// <summary>Takes over a server. A runspace that closed meanwhile keeps none: it is stopped at once.</summary>
    public void Add(ChatServer server)
    {
        lock (_lock)
        {
            if (!_runspaceClosed)
            {
                _servers.Add(server);
                return;
            }
        }

        Stop([server]);
    }

    /// <summary>Forgets a server that was stopped.</summary>
    public void Remove(ChatServer server)
    {
        lock (_lock)
        {
            _servers.Remove(server);
        }
    }

    private ChatServer[] TakeAll()
    {
        lock (_lock)
        {
            ChatServer[] all = [.. _servers];
            _servers.Clear();
            return all;
        }
    }

    private static void Stop(IEnumerable<ChatServer> servers)
    {
        Task[] stops = [.. servers.Select(static server => Task.Run(() => ChatEngine.Of(server).StopAsync()))];
        try
        {
            Task.WaitAll(stops, CloseLimit);
        }
        catch (AggregateException)
        {
            // Nobody is left to be told, and a server that cannot commit its last rows must not keep the others open.
        }
    }
}
