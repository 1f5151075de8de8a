namespace PSSecureChat.Terminal.Prompt;

/// <summary>How an arriving message is announced.</summary>
internal static class MessageNotice
{
    /// <summary>More than this many characters would push everything else off the screen; `inbox` shows the whole.</summary>
    private const int Limit = 2000;

    /// <param name="message">The sender and the text, both safe for the terminal.</param>
    public static string Of(IReadOnlyList<string> message)
    {
        (string from, string text) = (message[0], message[1]);
        if (text.Length > Limit)
        {
            int cut = char.IsHighSurrogate(text[Limit - 1]) ? Limit - 1 : Limit;
            text = $"{text[..cut]}… ({text.Length} characters; inbox shows all)";
        }

        // Indented, so that a text of several lines cannot pass itself off as another notice.
        return $"{from}: {text.ReplaceLineEndings("\n    ")}";
    }
}
