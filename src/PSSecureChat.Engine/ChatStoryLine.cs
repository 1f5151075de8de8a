namespace PSSecureChat.Engine;

/// <summary>Something that happened with a peer.</summary>
/// <param name="Number">Later lines of one peer have larger numbers.</param>
/// <param name="At">When.</param>
/// <param name="Text">What, in words for a person.</param>
public readonly record struct ChatStoryLine(long Number, DateTimeOffset At, string Text);
