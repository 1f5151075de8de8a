namespace PSSecureChat.Engine.Network;

/// <summary>
/// Has each conversation look at the clock when its own time has come: of ten thousand that are silent one beat touches a
/// part, not all. Times that lie close come together, a little late: many pings at once cost less than one after the other,
/// whose answers each wake a thread that has gone to sleep again. Safe to use from any thread.
/// </summary>
internal sealed class Heartbeat(TimeProvider time)
{
    /// <summary>Times that lie so close come together.</summary>
    public static readonly TimeSpan Together = TimeSpan.FromSeconds(2);

    private readonly long _start = time.GetTimestamp();
    private readonly PriorityQueue<Conversation, TimeSpan> _due = new();
    private readonly HashSet<Conversation> _hastened = [];

    /// <summary>Takes a conversation in, until it has ended.</summary>
    public void Add(Conversation conversation)
    {
        lock (_due)
        {
            _due.Enqueue(conversation, Now);
        }
    }

    /// <summary>Has a conversation look at the clock with the next beat.</summary>
    public void Hasten(Conversation conversation)
    {
        lock (_hastened)
        {
            _hastened.Add(conversation);
        }
    }

    /// <summary>To be called about once a second.</summary>
    public void Beat()
    {
        foreach (Conversation conversation in TakeHastened())
        {
            conversation.Tick();
        }

        TimeSpan now = Now;
        while (TryTake(now, out Conversation? conversation))
        {
            if (conversation.Tick() is TimeSpan pause)
            {
                lock (_due)
                {
                    _due.Enqueue(conversation, Rounded(now + pause));
                }
            }
        }
    }

    private static TimeSpan Rounded(TimeSpan due) => Together * Math.Ceiling(due / Together);

    private TimeSpan Now => time.GetElapsedTime(_start);

    private bool TryTake(TimeSpan now, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Conversation? conversation)
    {
        lock (_due)
        {
            if (_due.TryPeek(out conversation, out TimeSpan due) && due <= now)
            {
                _due.Dequeue();
                return true;
            }

            conversation = null;
            return false;
        }
    }

    private Conversation[] TakeHastened()
    {
        lock (_hastened)
        {
            Conversation[] taken = [.. _hastened];
            _hastened.Clear();
            return taken;
        }
    }
}
