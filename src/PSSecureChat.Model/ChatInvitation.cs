namespace PSSecureChat;

/// <summary>An invitation that was made here and that nobody has used yet. Immutable. It does not hold the secret.</summary>
public sealed class ChatInvitation
{
    internal ChatInvitation()
    {
    }

    /// <summary>The first eight characters of the line behind <c>pssc1_</c>: whoever has the line can see which one it is.</summary>
    public required string Id { get; init; }

    /// <summary>The name of the server it leads to.</summary>
    public required string Server { get; init; }

    /// <summary>When it was made; null when an older version made it.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Until when it can be used.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The addresses or host names it names.</summary>
    public required IReadOnlyList<string> Address { get; init; }

    /// <summary>The port it names.</summary>
    public required int Port { get; init; }

    /// <summary>The id.</summary>
    public override string ToString() => Id;
}
