namespace PSSecureChat;

/// <summary>What happened. Immutable.</summary>
public sealed class ChatEventArgs : EventArgs
{
    /// <summary>What kind of event it is.</summary>
    public required ChatEventName EventName { get; init; }

    /// <summary>The number of the event in its subscription, from 1: a gap means that events were left out.</summary>
    public long Number { get; internal set; }

    /// <summary>The name of the local server.</summary>
    public required string Server { get; init; }

    /// <summary>The message, of MessageReceived and MessageStateChanged.</summary>
    public ChatMessage? Message { get; init; }

    /// <summary>The peer, of the events of peers.</summary>
    public ChatPeer? Peer { get; init; }

    /// <summary>The transfer, of TransferProgress.</summary>
    public ChatTransfer? Transfer { get; init; }

    /// <summary>What stopped the server, of ServerFailed.</summary>
    public string? Failure { get; init; }

    /// <summary>The event and what it is about.</summary>
    public override string ToString() => $"{EventName} {Message?.ToString() ?? Peer?.ToString() ?? Transfer?.ToString() ?? Failure}".TrimEnd();
}
