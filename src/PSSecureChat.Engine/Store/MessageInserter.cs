using Microsoft.Data.Sqlite;

namespace PSSecureChat.Engine.Store;

/// <summary>
/// Writes message rows, several with one statement: that costs a third less a row, because SQLite opens the table and its
/// indexes once for all of them. Rows wait, sealed, until there are enough or somebody must see them. Belongs to the store's writer.
/// </summary>
/// <param name="connection">The writer's.</param>
/// <param name="sealer">Seals the texts.</param>
internal sealed class MessageInserter(SqliteConnection connection, RowSealer sealer) : IDisposable
{
    /// <summary>Rows of one statement. Twice as many would gain a twentieth more.</summary>
    public const int RowsAtOnce = 8;

    private const int Columns = 12;
    private const int SealedSize = 16 * 1024;
    private readonly Statement _one = new(connection, Sql(1));
    private readonly Statement _several = new(connection, Sql(RowsAtOnce));
    private readonly Statement _rowOf = new(connection, "SELECT id FROM message WHERE uuid = ?1 AND peer = ?2 AND direction = ?3");
    private readonly Common?[] _boundToOne = new Common?[1];
    private readonly Common?[] _boundToSeveral = new Common?[RowsAtOnce];
    private readonly List<Row> _rows = new(RowsAtOnce);
    private byte[] _sealed = new byte[SealedSize];
    private int _used;

    /// <summary>A row of the table but for its text.</summary>
    /// <param name="Peer">Whose conversation it belongs to.</param>
    /// <param name="Id">The row's number.</param>
    /// <param name="Sequence">The place in the outgoing stream, 0 for what was received.</param>
    /// <param name="Message">The message's id.</param>
    /// <param name="SentAt">Milliseconds since 1970.</param>
    /// <param name="Rest">What is the same for most messages.</param>
    internal readonly record struct Head(PeerRecord Peer, long Id, long Sequence, Guid Message, long SentAt, Common Rest);

    /// <summary>What neighbouring rows mostly share: it stays bound from one execution to the next.</summary>
    /// <param name="Peer">The peer's row.</param>
    /// <param name="Direction">Sent or received.</param>
    /// <param name="StoredAt">Milliseconds since 1970.</param>
    /// <param name="State">The message's state.</param>
    /// <param name="Kind">What its text is.</param>
    /// <param name="InReplyTo">The message it answers.</param>
    /// <param name="ExpiresAt">Milliseconds since 1970, 0 for never.</param>
    internal readonly record struct Common(long Peer, ChatDirection Direction, long StoredAt, ChatMessageState State, ChatMessageKind Kind, Guid? InReplyTo, long ExpiresAt);

    private readonly record struct Row(Head Head, int Offset, int Length);

    /// <summary>Told of each row that was left out, because a message of its id is here already, and the bytes of its text.</summary>
    public required Action<Head, int> LeftOut { get; init; }

    /// <summary>Takes a row; its text is sealed at once.</summary>
    public void Add(in Head head, ReadOnlySpan<byte> text)
    {
        int size = text.Length + RowSealer.Overhead;
        if (_sealed.Length - _used < size)
        {
            Flush();
            if (_sealed.Length < size)
            {
                _sealed = new byte[size];
            }
        }

        RowPlace place = new(SealedColumn.MessageBody, head.Id, head.Rest.Peer, head.Rest.Direction, head.Message);
        _rows.Add(new Row(head, _used, sealer.Seal(text, place, _sealed.AsSpan(_used))));
        _used += size;
        if (_rows.Count == RowsAtOnce)
        {
            Flush();
        }
    }

    /// <summary>Writes the rows that wait.</summary>
    public void Flush()
    {
        if (_rows.Count == RowsAtOnce)
        {
            Insert(_several, _boundToSeveral, 0);
        }
        else
        {
            for (int i = 0; i < _rows.Count; i++)
            {
                Insert(_one, _boundToOne, i);
            }
        }

        Clear();
    }

    /// <summary>Forgets the rows that wait: the transaction they were for is rolled back.</summary>
    public void Clear()
    {
        _rows.Clear();
        _used = 0;
    }

    public void Dispose()
    {
        _one.Dispose();
        _several.Dispose();
        _rowOf.Dispose();
    }

    // OR IGNORE leaves out a row for any conflict; ON CONFLICT would name the one that is meant, and costs an eighth of the rate.
    private static string Sql(int rows) =>
        "INSERT OR IGNORE INTO message (id, seq, uuid, sent_at, body, peer, direction, stored_at, state, kind, reply_to, expires_at) VALUES "
        + string.Join(',', Enumerable.Range(0, rows).Select(static row => $"({string.Join(',', Enumerable.Range((row * Columns) + 1, Columns).Select(static column => $"?{column}"))})"));

    private void Insert(Statement statement, Common?[] bound, int first)
    {
        for (int i = 0; i < bound.Length; i++)
        {
            Row row = _rows[first + i];
            int column = i * Columns;
            statement.Bind(column + 1, row.Head.Id).Bind(column + 2, row.Head.Sequence).Bind(column + 3, row.Head.Message)
                .Bind(column + 4, row.Head.SentAt).Bind(column + 5, _sealed.AsSpan(row.Offset, row.Length));
            if (bound[i] != row.Head.Rest)
            {
                Bind(statement, column, row.Head.Rest);
                bound[i] = row.Head.Rest;
            }
        }

        statement.Execute();
        if (SQLitePCL.raw.sqlite3_changes(connection.Handle) < bound.Length)
        {
            TellLeftOut(first, bound.Length);
        }
    }

    private static void Bind(Statement statement, int column, in Common rest)
    {
        statement.Bind(column + 6, rest.Peer).Bind(column + 7, (long)rest.Direction).Bind(column + 8, rest.StoredAt)
            .Bind(column + 9, (long)rest.State).Bind(column + 10, (long)rest.Kind);
        _ = rest.InReplyTo is Guid answered ? statement.Bind(column + 11, answered) : statement.BindNull(column + 11);
        _ = rest.ExpiresAt == 0 ? statement.BindNull(column + 12) : statement.Bind(column + 12, rest.ExpiresAt);
    }

    private void TellLeftOut(int first, int count)
    {
        foreach (Row row in _rows.Skip(first).Take(count))
        {
            if (!_rowOf.Bind(1, row.Head.Message).Bind(2, row.Head.Rest.Peer).Bind(3, (long)row.Head.Rest.Direction).Step())
            {
                throw new InvalidOperationException("A message was left out, and not because it is there.");
            }

            bool isAnother = _rowOf.Int64(0) != row.Head.Id;
            _rowOf.Reset();
            if (isAnother)
            {
                LeftOut(row.Head, row.Length - RowSealer.Overhead);
            }
        }
    }
}
