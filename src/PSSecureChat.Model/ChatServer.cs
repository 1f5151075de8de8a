namespace PSSecureChat;

/// <summary>A running peer. Live: its state changes when it stops. Safe to use from any thread.</summary>
public sealed class ChatServer
{
    private volatile StateAndFailure _state = new(ChatServerState.Running, null);

    internal ChatServer(object engine) => Engine = engine;

    /// <summary>The name peers see.</summary>
    public required string Name { get; init; }

    /// <summary>The address it listens on.</summary>
    public required string Address { get; init; }

    /// <summary>The port it listens on.</summary>
    public required int Port { get; init; }

    /// <summary>The fingerprint of its identity key.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The folder of its store; null for an ephemeral server.</summary>
    public string? Path { get; init; }

    /// <summary>Whether nothing of it outlives it.</summary>
    public bool Ephemeral { get; init; }

    /// <summary>Whether it tells senders that their messages were read.</summary>
    public bool ReadReceipts { get; init; }

    /// <summary>Which strangers it takes.</summary>
    public ChatAcceptance AcceptFrom { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Whether it still serves.</summary>
    public ChatServerState State => _state.State;

    /// <summary>What stopped it, when <see cref="State"/> is Failed.</summary>
    public string? Failure => _state.Failure;

    /// <summary>Address and port as one text; IPv6 addresses in brackets.</summary>
    public string Endpoint => Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]:{Port}" : $"{Address}:{Port}";

    /// <summary>The engine behind it. Internal: scripts talk to the cmdlets.</summary>
    internal object Engine { get; }

    /// <summary>Name and endpoint.</summary>
    public override string ToString() => $"{Name} ({Endpoint})";

    internal void SetState(ChatServerState state, string? failure = null) => _state = new(state, failure);

    private sealed record StateAndFailure(ChatServerState State, string? Failure);
}
