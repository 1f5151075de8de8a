namespace PSSecureChat;

/// <summary>A named consumer of received messages, as it stood when it was asked for. Immutable.</summary>
public sealed class ChatConsumer
{
    /// <summary>The name given to Receive-ChatMessage -Consumer.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the local server whose messages it receives.</summary>
    public required string Server { get; init; }

    /// <summary>The <see cref="ChatMessage.Index"/> of the last message it has taken.</summary>
    public required long Position { get; init; }

    /// <summary>How many received messages lie beyond that.</summary>
    public required long Waiting { get; init; }

    /// <summary>When it last took a message, or was made.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>Whether a Receive-ChatMessage runs under this name now.</summary>
    public required bool InUse { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
