namespace PSSecureChat.Engine.Watch;

/// <summary>One thing to look at: what has changed since the last look. For one thread at a time.</summary>
internal abstract class Look : IDisposable
{
    /// <summary>What has changed, oldest first, as it is enumerated.</summary>
    public abstract IEnumerable<ChatEventArgs> Changes(CancellationToken cancellationToken);

    /// <summary>How many changes were left out since this was asked last.</summary>
    public virtual int TakeLeftOut() => 0;

    public virtual void Dispose()
    {
    }
}

/// <summary>Messages received since the look began. They are read from the store, so whoever is slow to listen only hears them later.</summary>
internal sealed class LookForMessages(ChatEngine engine, Func<string, bool> isMeant) : Look
{
    private long _cursor = engine.LastIndex;

    public override IEnumerable<ChatEventArgs> Changes(CancellationToken cancellationToken)
    {
        long stored = engine.LastIndex;
        if (stored <= _cursor)
        {
            yield break;
        }

        foreach (ChatMessage message in engine.ReadMessages(new MessageQuery { Direction = ChatDirection.Incoming, AfterIndex = _cursor }, cancellationToken))
        {
            _cursor = message.Index;
            if (isMeant(message.Peer))
            {
                yield return new ChatEventArgs { EventName = ChatEventName.MessageReceived, Server = engine.Server.Name, Message = message };
            }
        }

        _cursor = Math.Max(_cursor, stored);
    }
}

/// <summary>That the server failed: seen once.</summary>
internal sealed class LookForFailure(ChatEngine engine) : Look
{
    private bool _told;

    public override IEnumerable<ChatEventArgs> Changes(CancellationToken cancellationToken)
    {
        if (!_told && engine.Server.State == ChatServerState.Failed)
        {
            _told = true;
            yield return new ChatEventArgs { EventName = ChatEventName.ServerFailed, Server = engine.Server.Name, Failure = engine.Server.Failure };
        }
    }
}
