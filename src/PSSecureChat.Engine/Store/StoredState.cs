namespace PSSecureChat.Engine.Store;

/// <summary>
/// The state as it stands in a message's row. The numbers never change. An outgoing message is mostly <see cref="Open"/>:
/// whether it was sent or delivered follows from the peer's numbers, so that an acknowledgement costs no row a message.
/// </summary>
internal enum StoredState
{
    Open = 0,

    /// <summary>Delivered, where the peer's numbers cannot say it or no longer need to.</summary>
    Delivered = 2,

    Read = 3,
    Failed = 4,

    /// <summary>Its time ran out, and the peer does not have it.</summary>
    Expired = 5,

    Received = 6,

    /// <summary>Its time ran out, and whether the peer has it is known when the peer is back.</summary>
    ExpiredUnsettled = 7,
}
