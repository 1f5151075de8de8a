namespace PSSecureChat.Engine.Wire;

/// <summary>
/// The memory that the frames which are not yet whole may take in all conversations of a server together. Small ones cost
/// nothing here. When there is no more, whoever has held some for longer than an honest sender needs makes room; if nobody
/// has, whoever asks for more gets none. Nobody ever waits, so those who have some always get to the end of their frames.
/// </summary>
internal sealed class PartialFrames(Limits limits, TimeProvider time)
{
    private readonly object _lock = new();
    private readonly LinkedList<Share> _holders = []; // whoever began earlier stands before
    private long _held;

    /// <summary>How much is held now.</summary>
    public long Held
    {
        get
        {
            lock (_lock)
            {
                return _held;
            }
        }
    }

    /// <summary>A conversation's part, which is nothing as yet.</summary>
    /// <param name="end">Ends the conversation; called when another one needs the room.</param>
    public Share Open(Action end) => new(this, end);

    private bool TryHold(Share share, int bytes)
    {
        List<Share> slow = [];
        bool held;
        lock (_lock)
        {
            if (share.IsLost)
            {
                return false;
            }

            long now = time.GetTimestamp();
            long more = bytes - share.Bytes;
            while (_held + more > limits.PartialFrames && _holders.First?.Value is Share oldest && oldest != share
                && time.GetElapsedTime(oldest.Since, now) >= limits.PartialFrameTime)
            {
                Remove(oldest);
                oldest.IsLost = true;
                slow.Add(oldest);
            }

            held = _held + more <= limits.PartialFrames;
            if (held)
            {
                if (share.Bytes == 0)
                {
                    share.Since = now;
                    _holders.AddLast(share.Place);
                }

                _held += more;
                share.Bytes = bytes;
            }
        }

        slow.ForEach(static share => share.End()); // their memory comes back as soon as their loops have ended
        return held;
    }

    private void Release(Share share)
    {
        lock (_lock)
        {
            Remove(share);
        }
    }

    private void Remove(Share share)
    {
        if (share.Bytes > 0)
        {
            _held -= share.Bytes;
            share.Bytes = 0;
            _holders.Remove(share.Place);
        }
    }

    /// <summary>What one conversation holds. All but the calls belongs to the whole and its lock.</summary>
    internal sealed class Share
    {
        private readonly PartialFrames _all;

        public Share(PartialFrames all, Action end)
        {
            _all = all;
            End = end;
            Place = new LinkedListNode<Share>(this);
        }

        public Action End { get; }

        public LinkedListNode<Share> Place { get; }

        public long Since { get; set; }

        public int Bytes { get; set; }

        public bool IsLost { get; set; }

        /// <summary>Makes the share as large as this, if it can be; it only grows.</summary>
        public bool TryHold(int bytes) => _all.TryHold(this, bytes);

        /// <summary>Gives all back.</summary>
        public void Release() => _all.Release(this);
    }
}
