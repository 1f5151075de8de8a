using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using PSSecureChat.Engine.Identity;

namespace PSSecureChat.Engine.Store;

/// <summary>
/// Reads messages page by page on a connection of its own. A page is read whole before it is handed out, so that
/// a pipeline that stops in the middle holds no snapshot of the database. For one thread at a time.
/// </summary>
internal sealed class MessageReader(SqliteConnection connection, DataKey key) : IDisposable
{
    private const string Columns = "SELECT id, peer, direction, seq, uuid, sent_at, stored_at, state, reply_to, body, expires_at, note, kind FROM message ";
    private readonly RowOpener _opener = new(connection, key);
    private readonly Dictionary<string, Statement> _statements = [];
    private byte[] _text = new byte[4096];
    private char[] _searched = [];

    /// <summary>The most rows of one page.</summary>
    public const int PageSize = 256;

    /// <summary>The most rows one page looks at: a search that finds little must not hold a snapshot of the database for long.</summary>
    private const int ScanSize = 4096;

    /// <summary>The characters after which a page ends, so that long texts do not fill the memory. A short page is not the last one.</summary>
    private const int PageCharacters = 2 * 1024 * 1024;

    /// <summary>One row, its text opened.</summary>
    /// <param name="ExpiresAt">Milliseconds since 1970, 0 for never.</param>
    /// <param name="Note">Why it failed.</param>
    /// <param name="Kind">What the text is.</param>
    /// <param name="IsDamaged">Its text does not open: it was changed, moved, or sealed under another key. It is empty here.</param>
    internal readonly record struct Row(
        long Id, long Peer, ChatDirection Direction, long Sequence, Guid Message, long SentAt, long StoredAt, StoredState State,
        Guid? InReplyTo, string Text, long ExpiresAt, string? Note, ChatMessageKind Kind, bool IsDamaged);

    /// <summary>That a message was read and its sender is to be told.</summary>
    internal readonly record struct Receipt(long Row, Guid Message);

    /// <summary>Which rows a page is made of. Outgoing rows of one peer are counted by their numbers in the stream, all others by row.</summary>
    internal readonly record struct Selection
    {
        /// <summary>Of one peer, or null for all.</summary>
        public long? Peer { get; init; }

        /// <summary>Only of these; null for all.</summary>
        public HashSet<long>? Among { get; init; }

        public ChatDirection? Direction { get; init; }

        public bool UnreadOnly { get; init; }

        public bool NewestFirst { get; init; }

        /// <summary>Only rows beyond this one.</summary>
        public long AfterRow { get; init; }

        /// <summary>Milliseconds since 1970, exclusive.</summary>
        public long? StoredAfter { get; init; }

        /// <summary>The same, exclusive.</summary>
        public long? StoredBefore { get; init; }

        /// <summary>Only answers to this message.</summary>
        public Guid? InReplyTo { get; init; }

        /// <summary>Only texts that contain this, in any case.</summary>
        public string? Search { get; init; }

        public bool IsBySequence => Peer is not null && Direction == ChatDirection.Outgoing;
    }

    /// <summary>A page of messages on either side of a place.</summary>
    /// <param name="selection">Which ones.</param>
    /// <param name="from">The place to go on from, exclusive. Moves to the last row looked at; stays where nothing is left.</param>
    /// <param name="most">The most rows to return. A page may be empty and not the last.</param>
    /// <param name="cancellationToken">Ends it, also while SQLite passes over a million rows that are not meant: then with an exception of SQLite.</param>
    public List<Row> Page(in Selection selection, ref long from, int most, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(static database => SQLitePCL.raw.sqlite3_interrupt((SQLitePCL.sqlite3)database!), connection.Handle);
        Statement statement = Prepare(SqlOf(selection));
        statement.Bind(1, from).Bind(5, selection.Search is null && selection.Among is null ? Math.Min(most, PageSize) : ScanSize).Bind(6, selection.AfterRow);
        Optional(statement, 2, selection.Peer);
        Optional(statement, 3, selection.StoredAfter);
        Optional(statement, 4, selection.StoredBefore);
        _ = selection.InReplyTo is Guid answered ? statement.Bind(7, answered) : statement;
        List<Row> rows = [];
        int characters = 0;
        try
        {
            while (rows.Count < Math.Min(most, PageSize) && characters < PageCharacters && statement.Step())
            {
                cancellationToken.ThrowIfCancellationRequested(); // a thousand large texts that are searched are many seconds
                from = statement.Int64(selection.IsBySequence ? 3 : 0);
                if (selection.Among?.Contains(statement.Int64(1)) != false && Read(statement, selection.Search) is Row row)
                {
                    rows.Add(row);
                    characters += row.Text.Length;
                }
            }
        }
        finally
        {
            statement.Reset();
        }

        return rows;
    }

    /// <summary>The numbers of a peer's received rows on one side of a place.</summary>
    public List<long> Received(long peer, bool unreadOnly, long from, bool newestFirst, int most)
    {
        string range = unreadOnly ? "message_unread WHERE peer = ?1 AND state = 6" : "message_by_peer WHERE peer = ?1 AND direction = 0 AND seq = 0";
        Statement statement = Prepare($"SELECT id FROM message INDEXED BY {range} AND id {(newestFirst ? '<' : '>')} ?2 ORDER BY id {(newestFirst ? "DESC" : "")} LIMIT ?3");
        statement.Bind(1, peer).Bind(2, from).Bind(3, most);
        List<long> numbers = [];
        while (statement.Step())
        {
            numbers.Add(statement.Int64(0));
        }

        return numbers;
    }

    /// <summary>Of some rows those that a selection means, in their order.</summary>
    /// <param name="selection">The conditions.</param>
    /// <param name="numbers">The rows.</param>
    /// <param name="next">Where to begin among them. Moves behind the last one looked at: large texts end a page early.</param>
    public List<Row> Rows(in Selection selection, long[] numbers, ref int next)
    {
        Statement statement = Prepare($"{Columns}WHERE id = ?1{Conditions(selection)}");
        Optional(statement, 3, selection.StoredAfter);
        Optional(statement, 4, selection.StoredBefore);
        List<Row> rows = [];
        try
        {
            for (int characters = 0; next < numbers.Length && characters < PageCharacters; next++)
            {
                statement.Bind(1, numbers[next]);
                while (statement.Step())
                {
                    if (Read(statement, selection.Search) is Row row)
                    {
                        rows.Add(row);
                        characters += row.Text.Length;
                    }
                }
            }
        }
        finally
        {
            statement.Reset();
        }

        return rows;
    }

    /// <summary>Messages to a peer from a number of its stream on, oldest first.</summary>
    public List<Row> Outgoing(long peer, long fromSequence)
    {
        Statement statement = Prepare(Columns + "WHERE peer = ?1 AND direction = 1 AND seq >= ?2 AND state < 4 ORDER BY seq LIMIT ?3");
        return ReadAll(statement.Bind(1, peer).Bind(2, fromSequence).Bind(3, PageSize));
    }

    /// <summary>Messages to a peer that were not delivered: first the ended ones up to what it has acknowledged, then all beyond.</summary>
    public List<Row> Outbox(long peer, long fromSequence, long acknowledged)
    {
        Statement statement = fromSequence <= acknowledged
            ? Prepare(Columns + "INDEXED BY message_undelivered WHERE peer = ?1 AND direction = 1 AND seq >= ?2 AND seq <= ?4 AND state > 3 ORDER BY seq LIMIT ?3").Bind(4, acknowledged)
            : Prepare(Columns + "WHERE peer = ?1 AND direction = 1 AND seq >= ?2 AND state NOT IN (2, 3) ORDER BY seq LIMIT ?3");
        return ReadAll(statement.Bind(1, peer).Bind(2, fromSequence).Bind(3, PageSize));
    }

    /// <summary>The messages of an id: one, unless peers made the same.</summary>
    public List<Row> ById(Guid message) => ReadAll(Prepare(Columns + "WHERE uuid = ?1").Bind(1, message));

    /// <summary>The message of a row, if it is there.</summary>
    public List<Row> ByRow(long id) => ReadAll(Prepare(Columns + "WHERE id = ?1").Bind(1, id));

    /// <summary>How many received messages lie beyond a row.</summary>
    public long CountIncoming(long row)
    {
        Statement statement = Prepare("SELECT count(*) FROM message WHERE id > ?1 AND direction = 0");
        statement.Bind(1, row).Step();
        long count = statement.Int64(0);
        statement.Reset();
        return count;
    }

    /// <summary>The stored state of an outgoing message and why it failed; null when it is not there.</summary>
    public (StoredState State, string? Note)? StateOf(long peer, Guid message)
    {
        Statement statement = Prepare("SELECT id, state, note FROM message WHERE uuid = ?1 AND peer = ?2 AND direction = 1");
        try
        {
            return statement.Bind(1, message).Bind(2, peer).Step()
                ? ((StoredState)statement.Int64(1), Note(statement, 2, statement.Int64(0), peer, ChatDirection.Outgoing, message))
                : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Receipts that wait for a peer, oldest first.</summary>
    public List<Receipt> Receipts(long peer)
    {
        Statement statement = Prepare("SELECT message, uuid FROM receipt WHERE peer = ?1 ORDER BY message LIMIT ?2");
        statement.Bind(1, peer).Bind(2, Limits.MaxReadIds);
        List<Receipt> receipts = [];
        while (statement.Step())
        {
            receipts.Add(new Receipt(statement.Int64(0), statement.Id(1)));
        }

        return receipts;
    }

    public void Dispose()
    {
        foreach (Statement statement in _statements.Values)
        {
            statement.Dispose();
        }

        _opener.Dispose();
        connection.Dispose();
        CryptographicOperations.ZeroMemory(_text);
        Array.Clear(_searched);
    }

    private static string SqlOf(in Selection selection)
    {
        string place = selection.IsBySequence ? "seq" : "id";
        StringBuilder sql = new(Columns);
        // SQLite has no statistics here: by itself it reads all of a peer's messages, or all there are, to find those unread.
        string index = selection switch
        {
            { InReplyTo: not null } => "INDEXED BY message_by_reply ",
            { UnreadOnly: true, Peer: not null } => "INDEXED BY message_unread ",
            { Direction: ChatDirection.Incoming, Peer: null } => "INDEXED BY message_incoming ",
            _ => "",
        };
        sql.Append(index).Append("WHERE ").Append(place).Append(selection.NewestFirst ? " < ?1" : " > ?1").Append(" AND id > ?6");
        sql.Append(selection.Peer is null ? "" : " AND peer = ?2").Append(selection.InReplyTo is null ? "" : " AND reply_to = ?7").Append(Conditions(selection));
        return sql.Append(" ORDER BY ").Append(place).Append(selection.NewestFirst ? " DESC" : "").Append(" LIMIT ?5").ToString();
    }

    // With one peer and one direction the index (peer, direction, seq, id) gives rows in the order asked for.
    private static string Conditions(in Selection selection) =>
        (selection.Direction switch { null => "", ChatDirection.Incoming => " AND direction = 0 AND seq = 0", _ => " AND direction = 1" })
        + (selection.UnreadOnly ? " AND state = 6" : "")
        + (selection.StoredAfter is null ? "" : " AND stored_at > ?3") + (selection.StoredBefore is null ? "" : " AND stored_at < ?4");

    private static void Optional(Statement statement, int parameter, long? value)
    {
        if (value is long number)
        {
            statement.Bind(parameter, number);
        }
    }

    private Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out Statement? statement))
        {
            statement = new Statement(connection, sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    private List<Row> ReadAll(Statement statement)
    {
        List<Row> rows = [];
        int characters = 0;
        try
        {
            while (characters < PageCharacters && statement.Step())
            {
                Row row = Read(statement, null)!.Value;
                rows.Add(row);
                characters += row.Text.Length;
            }
        }
        finally
        {
            statement.Reset();
        }

        return rows;
    }

    // Null for a text that does not contain what is searched for: then nothing is allocated.
    private Row? Read(Statement row, string? search)
    {
        long id = row.Int64(0);
        long peer = row.Int64(1);
        ChatDirection direction = (ChatDirection)row.Int64(2);
        Guid message = row.Id(4);
        ReadOnlySpan<byte> body = row.Blob(9);
        if (_text.Length < body.Length)
        {
            _text = new byte[body.Length];
        }

        int length = 0;
        bool damaged = false;
        try
        {
            length = _opener.Open(body, new RowPlace(SealedColumn.MessageBody, id, peer, direction, message), _text);
        }
        catch (CryptographicException)
        {
            damaged = true; // the others stay readable
        }

        ReadOnlySpan<byte> text = _text.AsSpan(0, length);
        return search is not null && (damaged || !Contains(text, search))
            ? null
            : new Row(
                id, peer, direction, row.Int64(3), message, row.Int64(5), row.Int64(6), (StoredState)row.Int64(7),
                row.IsNull(8) ? null : row.Id(8), Encoding.UTF8.GetString(text), row.IsNull(10) ? 0 : row.Int64(10), Note(row, 11, id, peer, direction, message), (ChatMessageKind)row.Int64(12), damaged);
    }

    private bool Contains(ReadOnlySpan<byte> text, string search)
    {
        if (_searched.Length < text.Length)
        {
            _searched = new char[text.Length];
        }

        int length = Encoding.UTF8.GetChars(text, _searched);
        return _searched.AsSpan(0, length).Contains(search, StringComparison.OrdinalIgnoreCase);
    }

    private string? Note(Statement row, int column, long id, long peer, ChatDirection direction, Guid message)
    {
        if (row.IsNull(column))
        {
            return null;
        }

        try
        {
            return Encoding.UTF8.GetString(_opener.Open(row.Blob(column), new RowPlace(SealedColumn.MessageNote, id, peer, direction, message)));
        }
        catch (CryptographicException)
        {
            return "the reason does not open: the store was changed or damaged";
        }
    }
}
