namespace PSSecureChat.Engine;

/// <summary>Which stored messages to read. Every condition given must hold.</summary>
public sealed class MessageQuery
{
    /// <summary>Only conversations with these peers (fingerprints); null for all.</summary>
    public IReadOnlyCollection<string>? Peers { get; init; }

    /// <summary>Only this direction.</summary>
    public ChatDirection? Direction { get; init; }

    /// <summary>Only received messages that were not read.</summary>
    public bool UnreadOnly { get; init; }

    /// <summary>Only messages stored after this moment.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>Only messages stored before this moment.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Only messages whose <see cref="ChatMessage.Index"/> is larger.</summary>
    public long? AfterIndex { get; init; }

    /// <summary>Only answers to this message.</summary>
    public Guid? InReplyTo { get; init; }

    /// <summary>Only messages whose text contains this, in any case; letters are compared one by one, by no language's rules.</summary>
    public string? Search { get; init; }

    /// <summary>The newest first. Without effect together with <see cref="Last"/>.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>Only the newest this many; they still come oldest first.</summary>
    public int? Last { get; init; }
}
