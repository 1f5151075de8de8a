namespace PSSecureChat.Engine.Store;

/// <summary>Where an outgoing message is that somebody wants back.</summary>
internal enum OutboxFate
{
    /// <summary>It never left, and now it never will.</summary>
    Held,

    /// <summary>An earlier conversation may have sent it, and so it may arrive; it is not sent again.</summary>
    HeldAgain,

    /// <summary>It is on its way through a live conversation.</summary>
    InFlight,

    /// <summary>It was sent, and the connection ended before the answer.</summary>
    Unknown,

    /// <summary>The peer has it.</summary>
    Delivered,
}

/// <summary>
/// The numbers that one piece of work takes back from being sent: the sender waits before them while the work runs, passes
/// over them once it is committed, and sends them after all when it failed. Used on the writer's thread.
/// </summary>
internal sealed class Retirement
{
    private readonly List<(PeerRecord Peer, OutboxTail? Tail, long Sequence, long Bytes)> _numbers = [];
    private readonly HashSet<OutboxTail> _tails = [];

    /// <summary>Takes a number back if that is still possible.</summary>
    /// <param name="peer">Whose stream.</param>
    /// <param name="sequence">The number.</param>
    /// <param name="bytes">Bytes of the message's text.</param>
    public OutboxFate Hold(PeerRecord peer, long sequence, long bytes)
    {
        if (sequence <= peer.OutAcked)
        {
            return OutboxFate.Delivered;
        }

        if (peer.Tail is not OutboxTail tail)
        {
            // Not connected: a conversation that begins now releases nothing before this transaction has ended.
            if (sequence <= peer.WorkingSent)
            {
                return OutboxFate.Unknown;
            }

            _numbers.Add((peer, null, sequence, bytes));
            return OutboxFate.Held;
        }

        if (!tail.TryHold(sequence))
        {
            return OutboxFate.InFlight;
        }

        _numbers.Add((peer, tail, sequence, bytes));
        return sequence <= tail.SentBefore ? OutboxFate.HeldAgain : OutboxFate.Held;
    }

    /// <summary>A number that is not waited for any more although it may have left.</summary>
    public void GiveUp(PeerRecord peer, long sequence, long bytes) => _numbers.Add((peer, null, sequence, bytes));

    /// <summary>The work ended.</summary>
    /// <param name="committed">Whether the numbers are retired; otherwise they are free again.</param>
    public void Settle(bool committed)
    {
        foreach ((PeerRecord peer, OutboxTail? tail, long sequence, long bytes) in _numbers)
        {
            if (committed)
            {
                peer.Retire(sequence, bytes);
            }

            if (tail is not null)
            {
                tail.Settle(sequence, committed);
                _tails.Add(tail);
            }
        }

        _numbers.Clear();
        foreach (OutboxTail tail in _tails)
        {
            tail.Wake();
        }

        _tails.Clear();
    }
}
