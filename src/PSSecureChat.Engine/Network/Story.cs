namespace PSSecureChat.Engine.Network;

/// <summary>
/// The last things that happened with a peer while nobody looked, as lines for Verbose: connections, their ends, attempts to
/// dial. Never a text of a message, never a secret. Safe to use from any thread.
/// </summary>
internal sealed class Story
{
    private readonly object _gate = new();
    private readonly Queue<ChatStoryLine> _lines = new();
    private long _last;

    /// <summary>Adds a line; the oldest makes room.</summary>
    public void Tell(DateTimeOffset at, string text)
    {
        lock (_gate)
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
        lock (_gate)
        {
            return [.. _lines.Where(line => line.Number > number)];
        }
    }
}
