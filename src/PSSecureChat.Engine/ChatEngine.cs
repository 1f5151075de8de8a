namespace PSSecureChat.Engine;

/// <summary>
/// The front of one running peer: start, connect, send, read, stop. Every member may be called from any
/// thread. Failures a user can meet are <see cref="ChatException"/>s.
/// </summary>
public sealed class ChatEngine
{
    /// <summary>The server object this engine stands behind.</summary>
    public ChatServer Server => throw new NotImplementedException();

    /// <summary>The largest <see cref="ChatMessage.Index"/> that is stored.</summary>
    public long LastIndex => throw new NotImplementedException();

    /// <summary>Starts a server: opens its store, listens, and dials the peers it knows.</summary>
    public static Task<ChatEngine> StartAsync(ChatServerOptions options, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The engine behind a server object.</summary>
    public static ChatEngine Of(ChatServer server) => throw new NotImplementedException();

    /// <summary>Closes every conversation with a farewell, commits what waits, closes the store. Idempotent.</summary>
    public Task StopAsync() => throw new NotImplementedException();

    /// <summary>The peers, from memory, ordered by name.</summary>
    public IReadOnlyList<ChatPeer> GetPeers() => throw new NotImplementedException();

    /// <summary>Dials an address and shakes hands. An existing conversation with the same peer is reused.</summary>
    /// <param name="host">Address or host name.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="fingerprint">The fingerprint the peer must have, or null to pin what answers.</param>
    /// <param name="progress">Told what is being done, for Verbose; may be null. Called on other threads.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<ChatPeer> ConnectAsync(string host, int port, string? fingerprint, Action<string>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Ends the conversation and does not redial until <see cref="ConnectAsync"/> or the peer itself dials.</summary>
    public Task DisconnectAsync(string fingerprint) => throw new NotImplementedException();

    /// <summary>Lets a request in: from now on the peer is known and its messages arrive.</summary>
    public Task ApproveAsync(string fingerprint, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Takes a text for a peer into the writer's queue and returns the message, Queued. It is stored once
    /// <see cref="FlushAsync"/> has completed. Waits while the queue is full.
    /// </summary>
    public ValueTask<ChatMessage> QueueAsync(string fingerprint, string text, Guid? inReplyTo, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Completes when everything queued before is committed; throws when any of it could not be.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Completes with the message's newer self when it has come at least as far as the state given; throws when it failed.</summary>
    public Task<ChatMessage> WaitForStateAsync(ChatMessage message, ChatMessageState state, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Reads stored messages, oldest first, on the calling thread, as they are enumerated.</summary>
    public IEnumerable<ChatMessage> ReadMessages(MessageQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Marks received messages as read.</summary>
    public Task MarkReadAsync(IReadOnlyCollection<ChatMessage> messages, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Completes when <see cref="LastIndex"/> is larger than the index given.</summary>
    public Task WaitForMessagesAsync(long afterIndex, CancellationToken cancellationToken) => throw new NotImplementedException();
}
