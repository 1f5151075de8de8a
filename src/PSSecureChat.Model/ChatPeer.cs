namespace PSSecureChat;

/// <summary>A peer as it stood when it was asked for. Immutable.</summary>
public sealed class ChatPeer
{
    // Thousands of hash rounds: computed when somebody looks at it.
    private readonly Lazy<string> _safetyNumber;
    private readonly Lazy<string>? _newSafetyNumber;

    internal ChatPeer(Lazy<string> safetyNumber, Lazy<string>? newSafetyNumber)
    {
        _safetyNumber = safetyNumber;
        _newSafetyNumber = newSafetyNumber;
    }

    /// <summary>The name it has here. Two peers that call themselves the same get distinct names.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the local server that knows it.</summary>
    public required string Server { get; init; }

    /// <summary>What the peer is to us now.</summary>
    public required ChatPeerState State { get; init; }

    /// <summary>How well its key is known.</summary>
    public required ChatTrust Trust { get; init; }

    /// <summary>The fingerprint of its identity key.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Sixty digits that are the same on both sides when nobody stands between.</summary>
    public string SafetyNumber => _safetyNumber.Value;

    /// <summary>While the state is KeyChanged: the fingerprint of the key that answers in its place; else null.</summary>
    public string? NewFingerprint { get; init; }

    /// <summary>While the state is KeyChanged: the safety number with the key that answers in its place; else null.</summary>
    public string? NewSafetyNumber => _newSafetyNumber?.Value;

    /// <summary>Where it was last reached, or null.</summary>
    public string? Address { get; init; }

    /// <summary>The port it listens on, or 0 when it does not say.</summary>
    public int Port { get; init; }

    /// <summary>The last measured round trip, or null while there is none.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>How many of its messages have not been read.</summary>
    public int Unread { get; init; }

    /// <summary>How many messages wait to be delivered to it.</summary>
    public int Queued { get; init; }

    /// <summary>When it was last connected, or null.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Why it is not connected, when that is known; also while its messages fill the inbox here, so that no more are taken.</summary>
    public string? Reason { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
