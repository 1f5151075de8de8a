namespace PSSecureChat.Engine;

/// <summary>
/// One caller's way into the outbox: it queues messages without waiting for each commit and learns at
/// <see cref="FlushAsync"/> whether all of its own were stored. For one thread at a time.
/// </summary>
public sealed class ChatSender
{
    private readonly ChatEngine _engine;
    private ChatException? _failure;
    private TaskCompletionSource? _flush;
    private long _queued;
    private long _settled;

    internal ChatSender(ChatEngine engine) => _engine = engine;

    /// <summary>
    /// Takes a text for a peer into the writer's queue and returns the message, Queued. It is stored once
    /// <see cref="FlushAsync"/> has completed. Waits while the queue is full.
    /// </summary>
    /// <exception cref="ChatException">PeerUnknown, PeerBlocked, TextTooLarge, TextNotUsable, ServerStopped.</exception>
    public ValueTask<ChatMessage> QueueAsync(string fingerprint, string text, Guid? inReplyTo, CancellationToken cancellationToken) =>
        _engine.QueueAsync(this, fingerprint, text, ChatMessageKind.Text, inReplyTo, null, cancellationToken);

    /// <summary>The same for a message that is not sent any more when its time is over.</summary>
    /// <exception cref="ChatException">Also ExpiryNotUsable.</exception>
    public ValueTask<ChatMessage> QueueAsync(string fingerprint, string text, Guid? inReplyTo, TimeSpan? expiresIn, CancellationToken cancellationToken) =>
        _engine.QueueAsync(this, fingerprint, text, ChatMessageKind.Text, inReplyTo, expiresIn, cancellationToken);

    /// <summary>The same for a text of any kind.</summary>
    /// <exception cref="ChatException">Also ExpiryNotUsable.</exception>
    public ValueTask<ChatMessage> QueueAsync(string fingerprint, string text, ChatMessageKind kind, Guid? inReplyTo, TimeSpan? expiresIn, CancellationToken cancellationToken) =>
        _engine.QueueAsync(this, fingerprint, text, kind, inReplyTo, expiresIn, cancellationToken);

    /// <summary>Completes when everything this sender queued is committed; throws when any of it since the last flush was not.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (!IsSettled)
        {
            TaskCompletionSource flush = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _flush, flush); // before the second look: whoever settles the last one sees it then
            if (!IsSettled)
            {
                await flush.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        if (Interlocked.Exchange(ref _failure, null) is ChatException failure)
        {
            throw failure;
        }
    }

    private bool IsSettled => Interlocked.Read(ref _settled) == Interlocked.Read(ref _queued);

    /// <summary>A message is about to be handed to the writer.</summary>
    internal void Queued() => Interlocked.Increment(ref _queued);

    /// <summary>It was not taken.</summary>
    internal void NotQueued() => Interlocked.Decrement(ref _queued);

    /// <summary>A message was committed, or will never be. Called by the writer.</summary>
    internal void Settle(ChatException? failure)
    {
        if (failure is not null)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }

        Interlocked.Increment(ref _settled);
        if (Volatile.Read(ref _flush) is TaskCompletionSource flush && IsSettled)
        {
            flush.TrySetResult();
        }
    }
}
