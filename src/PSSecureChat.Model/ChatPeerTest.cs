namespace PSSecureChat;

/// <summary>What Test-ChatPeer found out about a peer or an address. Immutable.</summary>
public sealed class ChatPeerTest
{
    /// <summary>The name of the peer; null when nobody you know answers at the address.</summary>
    public string? Peer { get; init; }

    /// <summary>The name of the local server that looked.</summary>
    public required string Server { get; init; }

    /// <summary>Where it was looked, as host:port; null when no address is known.</summary>
    public string? Address { get; init; }

    /// <summary>Whether messages can get through: the right one answers, and nothing stands against a conversation.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>How long an answer took, also when something else is wrong; null when none came. In a conversation the time of a ping; else that of the first half of a handshake.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Whether the answer came inside the conversation that stands; otherwise by a connection made for the test.</summary>
    public bool InConversation { get; init; }

    /// <summary>The Noise protocol that was spoken; null when none was.</summary>
    public string? Suite { get; init; }

    /// <summary>What the peer is to us; null for nobody you know.</summary>
    public ChatPeerState? State { get; init; }

    /// <summary>How well its key is known; null for nobody you know.</summary>
    public ChatTrust? Trust { get; init; }

    /// <summary>The fingerprint the peer must have; null for nobody you know.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The fingerprint of the key that answered; null when none did.</summary>
    public string? FoundFingerprint { get; init; }

    /// <summary>The name of what is wrong, the same as in an error of Connect-ChatPeer; null when nothing is.</summary>
    public ChatErrorId? ErrorId { get; init; }

    /// <summary>What is wrong, or what is worth knowing though nothing is; may be null.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do about it; null when there is nothing to do.</summary>
    public string? Recommendation { get; init; }

    /// <summary>The peer or the address, and how it went.</summary>
    public override string ToString() => $"{Peer ?? Address}: {(Succeeded ? "reachable" : Reason)}";
}
