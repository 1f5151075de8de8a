using System.Security.Cryptography;

namespace PSSecureChat.Engine.Store;

/// <summary>What happens to messages after they were stored: expired, failed, removed, read by the other side.</summary>
internal sealed partial class WriterSession
{
    private readonly List<Statement> _prepared = [];
    private Statement? _dueRows;
    private Statement? _firstExpiry;
    private Statement? _setState;
    private Statement? _setNote;
    private Statement? _findMessage;
    private Statement? _deleteMessage;
    private Statement? _readByPeer;
    private Statement? _addReceipt;
    private Statement? _deleteReceipt;
    private readonly List<long> _statesStored = [];
    private Statement? _rowOf;
    private long _nextExpiry = long.MaxValue;

    /// <summary>Who wants to hear of states that are stored.</summary>
    public Watch.StoredStates StoredStates { get; } = new();

    /// <summary>A message that is to be sent no longer.</summary>
    internal readonly record struct DueRow(long Row, PeerRecord Peer, long Sequence, long Bytes);

    /// <summary>When the next message expires, in milliseconds since 1970; <see cref="long.MaxValue"/> for never.</summary>
    public long NextExpiry => Volatile.Read(ref _nextExpiry);

    /// <summary>
    /// Before anything is sent in a new conversation: what may leave now is noted, so that after a crash it is not taken
    /// for never sent. Messages whose time ran out while nobody knew whether the peer has them are settled.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="received">What it says it has.</param>
    public void BeginSending(PeerRecord peer, long received)
    {
        if (StoredStates.IsWanted)
        {
            using Statement unsettled = new(_connection, "SELECT id FROM message INDEXED BY message_undelivered WHERE peer = ?1 AND direction = 1 AND state > 3 AND state = 7");
            unsettled.Bind(1, peer.Id);
            while (unsettled.Step())
            {
                _statesStored.Add(unsettled.Int64(0));
            }
        }

        // INDEXED BY: without it SQLite walks through everything that was ever sent to the peer.
        using Statement settle = new(_connection, """
            UPDATE message INDEXED BY message_undelivered SET state = CASE WHEN seq <= ?2 THEN 2 ELSE 5 END WHERE peer = ?1 AND direction = 1 AND state > 3 AND state = 7
            """);
        settle.Bind(1, peer.Id).Bind(2, received).Execute();
        if (Changes > 0)
        {
            StatesChanged(peer);
        }

        if (peer.WorkingSent < peer.WorkingOut)
        {
            Touch(peer);
            peer.WorkingSent = peer.WorkingOut;
        }
    }

    /// <summary>The messages whose time is over and that are not known to be delivered.</summary>
    public List<DueRow> DueRows(long now)
    {
        _dueRows ??= Prepare("SELECT id, peer, seq, length(body) FROM message WHERE direction = 1 AND state = 0 AND expires_at IS NOT NULL AND expires_at <= ?1");
        List<DueRow> due = [];
        _dueRows.Bind(1, now);
        while (_dueRows.Step())
        {
            if (_peers.TryGetValue(_dueRows.Int64(1), out PeerRecord? peer))
            {
                due.Add(new DueRow(_dueRows.Int64(0), peer, _dueRows.Int64(2), _dueRows.Int64(3) - RowSealer.Overhead));
            }
        }

        return due;
    }

    public void FindNextExpiry()
    {
        _firstExpiry ??= Prepare("SELECT min(expires_at) FROM message WHERE direction = 1 AND state = 0 AND expires_at IS NOT NULL");
        _firstExpiry.Step();
        Volatile.Write(ref _nextExpiry, _firstExpiry.IsNull(0) ? long.MaxValue : _firstExpiry.Int64(0));
        _firstExpiry.Reset();
    }

    /// <summary>Notes a state that no longer follows from what the peer acknowledged.</summary>
    public void SetState(PeerRecord peer, long row, StoredState state)
    {
        _setState ??= Prepare("UPDATE message SET state = ?2 WHERE id = ?1");
        _setState.Bind(1, row).Bind(2, (long)state).Execute();
        StatesChanged(peer, row);
    }

    /// <summary>Notes that a message cannot be delivered, and why.</summary>
    public void SetFailed(PeerRecord peer, long row, Guid id, string reason)
    {
        _setNote ??= Prepare("UPDATE message SET state = 4, note = ?2 WHERE id = ?1");
        byte[] plain = System.Text.Encoding.UTF8.GetBytes(reason);
        byte[] note = new byte[plain.Length + RowSealer.Overhead];
        _sealer.Seal(plain, new RowPlace(SealedColumn.MessageNote, row, peer.Id, ChatDirection.Outgoing, id), note);
        _setNote.Bind(1, row).Bind(2, note).Execute();
        StatesChanged(peer, row);
    }

    /// <summary>Finds a message by what never changes of it; false when it is not there.</summary>
    public bool Find(PeerRecord peer, ChatDirection direction, Guid id, out long row, out long sequence, out StoredState state, out long bytes)
    {
        _findMessage ??= Prepare("SELECT id, seq, state, length(body) FROM message WHERE uuid = ?1 AND peer = ?2 AND direction = ?3");
        bool found = _findMessage.Bind(1, id).Bind(2, peer.Id).Bind(3, (long)direction).Step();
        (row, sequence, state, bytes) = found
            ? (_findMessage.Int64(0), _findMessage.Int64(1), (StoredState)_findMessage.Int64(2), _findMessage.Int64(3) - RowSealer.Overhead)
            : default;
        _findMessage.Reset();
        return found;
    }

    /// <summary>Deletes a message. Its text is overwritten.</summary>
    public void Delete(PeerRecord peer, long row, StoredState state, long bytes)
    {
        _deleteMessage ??= Prepare("DELETE FROM message WHERE id = ?1");
        _deleteMessage.Bind(1, row).Execute();
        _logHoldsRemoved = true;
        StatesChanged(peer);
        if (state == StoredState.Received)
        {
            NoLongerUnread(peer, bytes);
        }
    }

    /// <summary>Notes which of our messages the peer says were read. A message that never left cannot have been.</summary>
    public void ReadByPeer(PeerRecord peer, ReadOnlySpan<byte> ids)
    {
        _readByPeer ??= Prepare("UPDATE message SET state = 3 WHERE uuid = ?1 AND peer = ?2 AND direction = 1 AND state IN (0, 2, 5, 7) AND seq <= ?3");
        for (; !ids.IsEmpty; ids = ids[Wire.ReadFrame.IdSize..])
        {
            _readByPeer.Bind(1, ids[..Wire.ReadFrame.IdSize]).Bind(2, peer.Id).Bind(3, peer.WorkingSent).Execute();
            if (Changes > 0)
            {
                StatesChanged(peer, StoredStates.IsWanted ? RowOf(peer, ids[..Wire.ReadFrame.IdSize]) : null);
            }
        }
    }

    /// <summary>The peer has stored these receipts.</summary>
    public void DeleteReceipts(IEnumerable<MessageReader.Receipt> receipts)
    {
        _deleteReceipt ??= Prepare("DELETE FROM receipt WHERE message = ?1");
        foreach (MessageReader.Receipt receipt in receipts)
        {
            _deleteReceipt.Bind(1, receipt.Row).Execute();
        }
    }

    /// <summary>Forgets every receipt that was not sent.</summary>
    public void ForgetReceipts()
    {
        using Statement forget = new(_connection, "DELETE FROM receipt");
        forget.Execute();
    }

    private int Changes => SQLitePCL.raw.sqlite3_changes(_connection.Handle);

    private void AddReceipt(long row)
    {
        _addReceipt ??= Prepare("INSERT OR IGNORE INTO receipt (message, peer, uuid) SELECT id, peer, uuid FROM message WHERE id = ?1");
        _addReceipt.Bind(1, row).Execute();
    }

    private long RowOf(PeerRecord peer, ReadOnlySpan<byte> id)
    {
        _rowOf ??= Prepare("SELECT id FROM message WHERE uuid = ?1 AND peer = ?2 AND direction = 1");
        long row = _rowOf.Bind(1, id).Bind(2, peer.Id).Step() ? _rowOf.Int64(0) : 0;
        _rowOf.Reset();
        return row;
    }

    private void StatesChanged(PeerRecord peer, long? row = null)
    {
        if (row is long changed && StoredStates.IsWanted)
        {
            _statesStored.Add(changed);
        }

        Touch(peer);
        peer.WorkingVersion = peer.StateVersion + 1;
    }

    private Statement Prepare(string sql)
    {
        Statement statement = new(_connection, sql);
        _prepared.Add(statement);
        return statement;
    }

    private void DisposeOutbox() => _prepared.ForEach(statement => statement.Dispose());
}
