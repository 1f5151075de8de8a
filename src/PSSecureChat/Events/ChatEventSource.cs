using System.Management.Automation;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Watch;
using PSSecureChat.Internal;

namespace PSSecureChat.Events;

/// <summary>
/// What PowerShell subscribes to, one for each Register-ChatEvent. The server is watched from the moment PowerShell adds its handler until it
/// removes it. Public because PowerShell finds events by reflection; not meant to be used by scripts.
/// </summary>
public sealed class ChatEventSource
{
    private readonly object _lock = new();
    private readonly NamePattern[]? _from;
    private readonly EventQueue _queue;
    private EventHandler<ChatEventArgs>? _handler; // says only that somebody listens, see EventQueue
    private ChatWatch? _watch;

    internal ChatEventSource(ChatServer server, ChatEventName eventName, string[]? from, EventQueue queue)
    {
        Server = server;
        EventName = eventName;
        From = from;
        _from = from is null ? null : [.. from.Select(static name => new NamePattern(name))];
        _queue = queue;
    }

    /// <summary>A message was received and stored.</summary>
    public event EventHandler<ChatEventArgs> MessageReceived
    {
        add => Add(value);
        remove => Remove(value);
    }

    /// <summary>A message of ours has come farther.</summary>
    public event EventHandler<ChatEventArgs> MessageStateChanged
    {
        add => Add(value);
        remove => Remove(value);
    }

    /// <summary>A peer is connected now.</summary>
    public event EventHandler<ChatEventArgs> PeerConnected
    {
        add => Add(value);
        remove => Remove(value);
    }

    /// <summary>A peer is not connected any more.</summary>
    public event EventHandler<ChatEventArgs> PeerDisconnected
    {
        add => Add(value);
        remove => Remove(value);
    }

    /// <summary>A stranger asks to be let in.</summary>
    public event EventHandler<ChatEventArgs> PeerRequested
    {
        add => Add(value);
        remove => Remove(value);
    }

    /// <summary>Another key answers for a known peer.</summary>
    public event EventHandler<ChatEventArgs> PeerKeyChanged
    {
        add => Add(value);
        remove => Remove(value);
    }

    /// <summary>The server has stopped by a failure.</summary>
    public event EventHandler<ChatEventArgs> ServerFailed
    {
        add => Add(value);
        remove => Remove(value);
    }

    /// <summary>A file has come farther, or its transfer has another state.</summary>
    public event EventHandler<ChatEventArgs> TransferProgress
    {
        add => Add(value);
        remove => Remove(value);
    }

    /// <summary>The server whose events they are.</summary>
    public ChatServer Server { get; }

    /// <summary>Which events.</summary>
    public ChatEventName EventName { get; }

    /// <summary>Names or wildcards of the peers they are about; null for all.</summary>
    public IReadOnlyList<string>? From { get; }

    /// <summary>Whether somebody is subscribed and the server is watched.</summary>
    public bool IsWatching => Volatile.Read(ref _watch) is not null;

    /// <summary>Why there are no more events, when that was a failure.</summary>
    public string? Failure => Volatile.Read(ref _watch)?.Failure?.Message;

    /// <summary>Ends it without PowerShell: for a runspace that is gone.</summary>
    internal void End() => Remove(null);

    private void Add(EventHandler<ChatEventArgs> handler)
    {
        lock (_lock)
        {
            _handler += handler;
            _watch ??= ChatWatch.Start(ChatEngine.Of(Server), EventName, IsMeant, (seen, cancellationToken) => _queue.AddAsync(this, seen, cancellationToken));
        }
    }

    private void Remove(EventHandler<ChatEventArgs>? handler)
    {
        lock (_lock)
        {
            _handler = handler is null ? null : _handler - handler;
            if (_handler is null)
            {
                _watch?.Dispose();
                _watch = null;
            }
        }
    }

    private bool IsMeant(string peer) => _from is null || Array.Exists(_from, pattern => pattern.IsMatch(peer));
}
