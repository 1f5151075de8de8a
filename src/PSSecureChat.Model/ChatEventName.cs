namespace PSSecureChat;

/// <summary>What can be told as an event.</summary>
public enum ChatEventName
{
    /// <summary>A message was received and stored.</summary>
    MessageReceived,

    /// <summary>A message of ours was sent, delivered, read, or will not be delivered.</summary>
    MessageStateChanged,

    /// <summary>A peer is connected now.</summary>
    PeerConnected,

    /// <summary>A peer is not connected any more.</summary>
    PeerDisconnected,

    /// <summary>A stranger asks to be let in.</summary>
    PeerRequested,

    /// <summary>Another key answers for a known peer.</summary>
    PeerKeyChanged,

    /// <summary>The server has stopped by a failure.</summary>
    ServerFailed,

    /// <summary>A file has come farther, or its transfer has another state.</summary>
    TransferProgress,
}
