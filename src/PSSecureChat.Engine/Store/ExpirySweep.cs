namespace PSSecureChat.Engine.Store;

/// <summary>
/// Expires the messages whose time is over. Started by the clock's tick and by a sender that meets one; at most one waits
/// for the writer at a time. A message on its way through a live conversation is left: its fate is known soon.
/// </summary>
internal sealed class ExpirySweep(Limits limits, TimeProvider time) : StoreWork
{
    private readonly Retirement _retirement = new();
    private StoreWriter? _writer;
    private int _waiting;
    private bool _more;

    /// <summary>Starts it unless it is already waiting or nothing is due.</summary>
    public void Start(StoreWriter writer)
    {
        if (writer.NextExpiry > Now || Interlocked.Exchange(ref _waiting, 1) == 1)
        {
            return;
        }

        _writer = writer;
        if (!writer.TryEnqueue(this))
        {
            Volatile.Write(ref _waiting, 0); // a full queue: the next tick comes
        }
    }

    public override void Execute(WriterSession session)
    {
        _retirement.Settle(committed: false); // of a run that was rolled back
        int changed = 0;
        foreach (WriterSession.DueRow due in session.DueRows(Now))
        {
            OutboxFate fate = _retirement.Hold(due.Peer, due.Sequence, due.Bytes);
            if (fate == OutboxFate.InFlight)
            {
                continue;
            }

            if (fate == OutboxFate.Unknown)
            {
                _retirement.GiveUp(due.Peer, due.Sequence, due.Bytes);
            }

            session.SetState(due.Peer, due.Row, fate switch
            {
                OutboxFate.Delivered => StoredState.Delivered,
                OutboxFate.Held or OutboxFate.HeldAgain => StoredState.Expired,
                _ => StoredState.ExpiredUnsettled,
            });
            if (++changed == limits.ExpiryBatch)
            {
                break;
            }
        }

        _more = changed == limits.ExpiryBatch;
        session.FindNextExpiry();
    }

    public override void Committed()
    {
        _retirement.Settle(committed: true);
        Volatile.Write(ref _waiting, 0);
        if (_more)
        {
            Start(_writer!);
        }
    }

    public override void Failed(ChatException failure)
    {
        _retirement.Settle(committed: false);
        Volatile.Write(ref _waiting, 0);
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}
