using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Benchmarks.Bare;

/// <summary>Stored messages with nothing around them: SQLite on its own interface, one AES-GCM call a row, texts as strings.</summary>
internal sealed class BareArchive : IDisposable, IAsyncDisposable
{
    /// <summary>Messages of one peer one after the other: about as many as a record brings to the engine.</summary>
    public const int Run = 50;

    private const int Nonce = 12;
    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _last;
    private readonly sqlite3_stmt _unread;
    private readonly sqlite3_stmt _scan;
    private readonly AesGcm _cipher = BareRecord.NewCipher("rows");
    private readonly byte[] _text = new byte[Contestants.Contestant.TextSize];

    /// <param name="folder">Where it stands.</param>
    /// <param name="commits">Whether it commits a new salt when it is opened, as the engine does.</param>
    public BareArchive(string folder, bool commits = false)
    {
        _connection = Open(folder);
        if (commits)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = "INSERT INTO epoch (salt) VALUES ($salt)";
            command.Parameters.AddWithValue("$salt", RandomNumberGenerator.GetBytes(16));
            command.ExecuteNonQuery();
        }

        _last = Prepare("SELECT id, body, uuid, sent_at FROM message WHERE peer = ?1 ORDER BY id DESC LIMIT 100");
        _unread = Prepare("SELECT id, body, uuid, sent_at FROM message WHERE peer = ?1 AND state = 6 ORDER BY id");
        _scan = Prepare("SELECT id, body FROM message ORDER BY id DESC");
    }

    /// <summary>
    /// Writes the archive: the peers by turns, a run of messages each, the last <paramref name="unread"/>
    /// of each unread.
    /// </summary>
    public static void Fill(string folder, int peers, int each, int unread)
    {
        using SqliteConnection connection = Open(folder);
        using AesGcm cipher = BareRecord.NewCipher("rows");
        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = "INSERT INTO message (id, peer, uuid, sent_at, state, body) VALUES ($id, $peer, $uuid, $at, $state, $body)";
        SqliteParameter[] values = [.. new[] { "$id", "$peer", "$uuid", "$at", "$state", "$body" }.Select(name => insert.Parameters.Add(new SqliteParameter(name, null)))];
        byte[] text = Encoding.UTF8.GetBytes(new string('x', Contestants.Contestant.TextSize));
        byte[] place = new byte[8];
        for (long row = 1; row <= (long)each * peers; row++)
        {
            byte[] body = new byte[Nonce + text.Length + BareRecord.Tag];
            BinaryPrimitives.WriteInt64BigEndian(place, row);
            BareRecord.Nonce(body.AsSpan(0, Nonce), (ulong)row);
            cipher.Encrypt(body.AsSpan(0, Nonce), text, body.AsSpan(Nonce, text.Length), body.AsSpan(Nonce + text.Length), place);
            bool read = row <= (long)(each - unread) * peers;
            object[] columns = [row, 1 + ((row - 1) / Run % peers), Guid.CreateVersion7().ToByteArray(bigEndian: true), row, read ? 7 : 6, body];
            for (int i = 0; i < columns.Length; i++)
            {
                values[i].Value = columns[i];
            }

            insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public int Last(long peer) => Read(_last, peer);

    public int Unread(long peer) => Read(_unread, peer);

    /// <summary>Reads and opens every row; no string is made.</summary>
    public int Scan() => Read(_scan, null);

    public void Dispose()
    {
        _last.Dispose();
        _unread.Dispose();
        _scan.Dispose();
        _connection.Dispose();
        _cipher.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static SqliteConnection Open(string folder)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "archive.db"), Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS epoch (id INTEGER PRIMARY KEY, salt BLOB NOT NULL);
            CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, peer INTEGER NOT NULL, uuid BLOB NOT NULL, sent_at INTEGER NOT NULL, state INTEGER NOT NULL, body BLOB NOT NULL);
            CREATE INDEX IF NOT EXISTS by_peer ON message (peer, id);
            CREATE INDEX IF NOT EXISTS unread ON message (peer) WHERE state = 6;
            """;
        command.ExecuteNonQuery();
        return connection;
    }

    private int Read(sqlite3_stmt statement, long? peer)
    {
        if (peer is long wanted)
        {
            _ = raw.sqlite3_bind_int64(statement, 1, wanted);
        }

        int count = 0;
        Span<byte> place = stackalloc byte[8];
        while (raw.sqlite3_step(statement) == raw.SQLITE_ROW)
        {
            BinaryPrimitives.WriteInt64BigEndian(place, raw.sqlite3_column_int64(statement, 0));
            ReadOnlySpan<byte> body = raw.sqlite3_column_blob(statement, 1);
            Span<byte> text = _text.AsSpan(0, body.Length - Nonce - BareRecord.Tag);
            _cipher.Decrypt(body[..Nonce], body[Nonce..^BareRecord.Tag], body[^BareRecord.Tag..], text, place);
            if (peer is not null)
            {
                GC.KeepAlive(Encoding.UTF8.GetString(text));
                GC.KeepAlive(new Guid(raw.sqlite3_column_blob(statement, 2), bigEndian: true));
            }

            count++;
        }

        _ = raw.sqlite3_reset(statement);
        return count;
    }

    private sqlite3_stmt Prepare(string sql)
    {
        int code = raw.sqlite3_prepare_v3(_connection.Handle!, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt statement);
        return code == raw.SQLITE_OK ? statement : throw new InvalidOperationException(raw.sqlite3_errmsg(_connection.Handle!).utf8_to_string());
    }
}
