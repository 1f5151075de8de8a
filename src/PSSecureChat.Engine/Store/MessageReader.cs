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
    private const string Columns = "SELECT id, peer, direction, seq, uuid, sent_at, stored_at, state, reply_to, body FROM message ";
    private readonly RowOpener _opener = new(connection, key);
    private readonly Dictionary<string, Statement> _statements = [];
    private byte[] _text = new byte[4096];

    /// <summary>The most rows of one page.</summary>
    public const int PageSize = 256;

    /// <summary>The characters after which a page ends, so that long texts do not fill the memory. A short page is not the last one; an empty one is.</summary>
    private const int PageCharacters = 2 * 1024 * 1024;

    /// <summary>One row, its text opened.</summary>
    internal readonly record struct Row(long Id, long Peer, ChatDirection Direction, long Sequence, Guid Message, long SentAt, long StoredAt, ChatMessageState State, Guid? InReplyTo, string Text);

    /// <summary>A page of messages on either side of a row.</summary>
    /// <param name="peer">Of one peer, or null for all.</param>
    /// <param name="direction">Of one direction, or null for both.</param>
    /// <param name="unreadOnly">Only unread ones.</param>
    /// <param name="from">The row to go on from, exclusive.</param>
    /// <param name="newestFirst">Whether to go towards older rows.</param>
    /// <param name="storedAfter">Milliseconds since 1970, exclusive.</param>
    /// <param name="storedBefore">The same, exclusive.</param>
    /// <param name="most">The most rows to return.</param>
    public List<Row> Page(long? peer, ChatDirection? direction, bool unreadOnly, long from, bool newestFirst, long? storedAfter, long? storedBefore, int most)
    {
        StringBuilder sql = new(Columns);
        sql.Append(newestFirst ? "WHERE id < ?1" : "WHERE id > ?1");
        sql.Append(peer is null ? "" : " AND peer = ?2");
        // With one peer and one direction the index (peer, direction, seq, id) gives incoming rows in order of id.
        sql.Append(direction switch { null => "", ChatDirection.Incoming => " AND direction = 0 AND seq = 0", _ => " AND direction = 1" });
        sql.Append(unreadOnly ? " AND state = 6" : "");
        sql.Append(storedAfter is null ? "" : " AND stored_at > ?3").Append(storedBefore is null ? "" : " AND stored_at < ?4");
        sql.Append(newestFirst ? " ORDER BY id DESC" : " ORDER BY id").Append(" LIMIT ?5");
        Statement statement = Prepare(sql.ToString());
        statement.Bind(1, from).Bind(5, Math.Min(most, PageSize));
        Optional(statement, 2, peer);
        Optional(statement, 3, storedAfter);
        Optional(statement, 4, storedBefore);
        return ReadAll(statement);
    }

    /// <summary>Messages to a peer from a number of its stream on, oldest first.</summary>
    public List<Row> Outgoing(long peer, long fromSequence)
    {
        Statement statement = Prepare(Columns + "WHERE peer = ?1 AND direction = 1 AND seq >= ?2 AND state = 0 ORDER BY seq LIMIT ?3");
        return ReadAll(statement.Bind(1, peer).Bind(2, fromSequence).Bind(3, PageSize));
    }

    /// <summary>One message by its row.</summary>
    public Row? ByRow(long row)
    {
        List<Row> rows = ReadAll(Prepare(Columns + "WHERE id = ?1").Bind(1, row));
        return rows.Count == 0 ? null : rows[0];
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
    }

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
                Row row = Read(statement);
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

    private Row Read(Statement row)
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

        int length = _opener.Open(body, new RowPlace(SealedColumn.MessageBody, id, peer, direction, message), _text);
        return new Row(
            id, peer, direction, row.Int64(3), message, row.Int64(5), row.Int64(6), (ChatMessageState)row.Int64(7),
            row.IsNull(8) ? null : row.Id(8), Encoding.UTF8.GetString(_text, 0, length));
    }
}
