namespace PSSecureChat.Engine.Network;

/// <summary>
/// The last things that happened with a peer while nobody looked, as lines for Verbose: connections, their ends, attempts to
/// dial. Never a text of a message, never a secret. Safe to use from any thread.
/// </summary>
internal sealed class Story
{
    // Every connected peer has one: no more is set aside than there is to tell.
    private readonly Queue<ChatStoryLine> _lines = new(1);
    private long _last;

    /// <summary>Adds a line; the oldest makes room.</summary>
    public void Tell(DateTimeOffset at, string text)
    {
        lock (_lines)
        {
            if (_lines.Count == Limits.MaxStoryLines)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(new ChatStoryLine(++_last, at, text));
        }
    }

    /// <summary>The lines after one, oldest first.</summary>
    public IReadOnlyList<ChatStoryLine> After(long number)
    {
        lock (_lines)
        {
            return [.. _lines.Where(line => line.Number > number)];
        }
    }
}
