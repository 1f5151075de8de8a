namespace PSSecureChat.Live;

/// <summary>A message or a notice as it is shown.</summary>
/// <param name="Id">The message's; empty for a notice.</param>
/// <param name="Own">Whether we wrote it.</param>
/// <param name="Head">Time and writer, one safe line.</param>
/// <param name="Text">The text, safe for a terminal.</param>
/// <param name="State">How far an own message has come, in words; empty for others.</param>
/// <param name="Loud">Whether it must not be overlooked.</param>
internal sealed record LiveText(Guid Id, bool Own, string Head, string Text, string State = "", bool Loud = false)
{
    /// <summary>More characters than this are not shown: they would push everything else off the screen.</summary>
    public const int MaxShown = 4000;

    /// <summary>A message as it is shown.</summary>
    public static LiveText Of(ChatMessage message)
    {
        bool own = message.Direction == ChatDirection.Outgoing;
        string text = message.Text;
        if (text.Length > MaxShown)
        {
            int cut = char.IsHighSurrogate(text[MaxShown - 1]) ? MaxShown - 1 : MaxShown;
            text = $"{text[..cut]}\u2026 ({text.Length} characters; Get-ChatHistory has all)";
        }

        string head = FormattableString.Invariant($"{Day(message.StoredAt)}{message.StoredAt.LocalDateTime:HH:mm} {SafeText.ForOneLine(message.From)}: ");
        return new LiveText(message.Id, own, head, SafeText.ForTerminal(text), own ? Word(message) : string.Empty);
    }

    /// <summary>Something to know that is no message.</summary>
    public static LiveText Notice(string text, bool loud = false) => new(Guid.Empty, Own: false, "-- ", SafeText.ForOneLine(text), Loud: loud);

    private static string Day(DateTimeOffset at) =>
        at.LocalDateTime.Date == DateTime.Now.Date ? string.Empty : FormattableString.Invariant($"{at.LocalDateTime:yyyy-MM-dd} ");

    private static string Word(ChatMessage message) => message.State switch
    {
        ChatMessageState.Queued => "queued",
        ChatMessageState.Sent => "sent",
        ChatMessageState.Delivered => "delivered",
        ChatMessageState.Read => "read",
        _ => SafeText.ForOneLine($"{message.State.ToString().ToLowerInvariant()}: {message.Reason}"),
    };
}
