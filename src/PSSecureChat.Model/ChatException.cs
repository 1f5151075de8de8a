namespace PSSecureChat;

/// <summary>
/// A failure a user can meet: what went wrong, what it was about, and the way out. Its sentences may name what a peer has chosen, so they
/// are safe for a terminal, whatever is put in; <see cref="Target"/> is exact.
/// </summary>
public sealed class ChatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="errorId">The stable name of the failure.</param>
    /// <param name="message">One sentence that names the thing.</param>
    /// <param name="recommendation">What to do next, one sentence.</param>
    /// <param name="target">What the user typed or what the failure is about.</param>
    /// <param name="innerException">The cause.</param>
    public ChatException(ChatErrorId errorId, string message, string recommendation, object? target = null, Exception? innerException = null)
        : base(SafeText.ForOneLine(message), innerException)
    {
        ErrorId = errorId;
        Recommendation = SafeText.ForOneLine(recommendation);
        Target = target;
    }

    /// <summary>The stable name of the failure.</summary>
    public ChatErrorId ErrorId { get; }

    /// <summary>What to do next.</summary>
    public string Recommendation { get; }

    /// <summary>What the failure is about.</summary>
    public object? Target { get; }
}
