namespace PSSecureChat;

/// <summary>Which way a message went.</summary>
public enum ChatDirection
{
    /// <summary>A peer sent it to us.</summary>
    Incoming,

    /// <summary>We sent it to a peer.</summary>
    Outgoing,
}

/// <summary>How far a message has come. Outgoing messages move from <see cref="Queued"/> to <see cref="Read"/>; incoming ones from <see cref="Received"/> to <see cref="Read"/>.</summary>
public enum ChatMessageState
{
    /// <summary>Stored here; not yet handed to the network.</summary>
    Queued,

    /// <summary>Handed to the network; the peer has not yet said that it stored it.</summary>
    Sent,

    /// <summary>The peer has stored it.</summary>
    Delivered,

    /// <summary>Read: by us, or by the peer when it sends read receipts.</summary>
    Read,

    /// <summary>It will not be delivered; the message says why.</summary>
    Failed,

    /// <summary>Its time ran out before it was delivered.</summary>
    Expired,

    /// <summary>Received and stored here, not yet read.</summary>
    Received,
}

/// <summary>What the text of a message is. A number that has no name here comes from a newer version; its text is shown as it is.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1720", Justification = "It is an object.")]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1028", Justification = "One byte on the wire, and one in every message.")]
public enum ChatMessageKind : byte
{
    /// <summary>A text for people.</summary>
    Text = 0,

    /// <summary>The JSON of an object; ChatMessage.Body is the object.</summary>
    Object = 1,
}

/// <summary>What a peer is to us at this moment.</summary>
public enum ChatPeerState
{
    /// <summary>Known, not connected.</summary>
    Offline,

    /// <summary>Known and connected.</summary>
    Online,

    /// <summary>A stranger who dialled us and waits for Approve-ChatPeer.</summary>
    Requested,

    /// <summary>We dialled it, and its user has not let us in yet.</summary>
    Waiting,

    /// <summary>Another identity key answers at its address; messages wait until Approve-ChatPeer goes on with that key.</summary>
    KeyChanged,

    /// <summary>Refused by Block-ChatPeer.</summary>
    Blocked,
}

/// <summary>How well we know that the identity key belongs to the person.</summary>
public enum ChatTrust
{
    /// <summary>Pinned on first contact; the safety number was not compared.</summary>
    Unverified,

    /// <summary>The safety number was compared, or the key was known beforehand.</summary>
    Verified,
}

/// <summary>Whether a server still serves.</summary>
public enum ChatServerState
{
    /// <summary>Listening and conversing.</summary>
    Running,

    /// <summary>Stopped on request.</summary>
    Stopped,

    /// <summary>Stopped by a failure, which the server object names.</summary>
    Failed,
}

/// <summary>Which strangers a server takes when they dial it.</summary>
public enum ChatAcceptance
{
    /// <summary>A stranger waits as a request until Approve-ChatPeer lets it in, or until we dial it ourselves.</summary>
    Request,

    /// <summary>Every stranger is taken at once.</summary>
    Anyone,

    /// <summary>Strangers are refused; only peers we already know and those who bring an invitation may connect.</summary>
    Known,

    /// <summary>
    /// The same, and in silence: while no peer is known nothing but an invitation is answered; after that a stranger
    /// sees the identity key, which a known peer's handshake needs, and no name and no reason.
    /// </summary>
    Invited,
}
