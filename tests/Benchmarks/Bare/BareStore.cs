using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Benchmarks.Bare;

/// <summary>The least store: one table, sealed rows, prepared statements on SQLite's own interface, synchronous=FULL.</summary>
internal sealed class BareStore : IDisposable
{
    private const int Nonce = 12;
    private readonly SqliteConnection _connection;
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _insert;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _commit;
    private readonly AesGcm _cipher = BareRecord.NewCipher("rows");
    private readonly byte[] _sealed = new byte[Nonce + Contestants.Contestant.TextSize + BareRecord.Tag];
    private long _row;

    public BareStore(string folder, bool indexed)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "bare.db"), Pooling = false }.ToString());
        _connection.Open();
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = 4000; -- as the engine
            CREATE TABLE message (id INTEGER PRIMARY KEY, peer INTEGER NOT NULL, seq INTEGER NOT NULL, uuid BLOB NOT NULL, sent_at INTEGER NOT NULL, body BLOB NOT NULL);
            """;
        command.ExecuteNonQuery();
        if (indexed)
        {
            // What the engine's schema has besides the rows: message_by_uuid and message_by_peer.
            command.CommandText = "CREATE UNIQUE INDEX by_uuid ON message (uuid, peer); CREATE INDEX by_peer ON message (peer, seq)";
            command.ExecuteNonQuery();
        }

        _database = _connection.Handle!;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _insert = Prepare("INSERT INTO message (id, peer, seq, uuid, sent_at, body) VALUES (?1, 1, ?2, ?3, ?4, ?5)");
    }

    public void Begin() => Run(_begin);

    public void Commit() => Run(_commit);

    /// <summary>Stores one message as it stands in a record, its text sealed for its row.</summary>
    public void Insert(ReadOnlySpan<byte> message)
    {
        Span<byte> place = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(place, ++_row);
        BareRecord.Nonce(_sealed.AsSpan(0, Nonce), (ulong)_row);
        ReadOnlySpan<byte> text = message[32..];
        _cipher.Encrypt(_sealed.AsSpan(0, Nonce), text, _sealed.AsSpan(Nonce, text.Length), _sealed.AsSpan(Nonce + text.Length), place);

        _ = raw.sqlite3_bind_int64(_insert, 1, _row);
        _ = raw.sqlite3_bind_int64(_insert, 2, BinaryPrimitives.ReadInt64BigEndian(message));
        _ = raw.sqlite3_bind_blob(_insert, 3, message.Slice(8, 16));
        _ = raw.sqlite3_bind_int64(_insert, 4, BinaryPrimitives.ReadInt64BigEndian(message[24..]));
        _ = raw.sqlite3_bind_blob(_insert, 5, _sealed);
        Run(_insert);
    }

    public void Dispose()
    {
        _insert.Dispose();
        _begin.Dispose();
        _commit.Dispose();
        _connection.Dispose();
        _cipher.Dispose();
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt statement), raw.SQLITE_OK);
        return statement;
    }

    private void Run(sqlite3_stmt statement)
    {
        Check(raw.sqlite3_step(statement), raw.SQLITE_DONE);
        Check(raw.sqlite3_reset(statement), raw.SQLITE_OK);
    }

    private void Check(int code, int expected)
    {
        if (code != expected)
        {
            throw new InvalidOperationException(raw.sqlite3_errmsg(_database).utf8_to_string());
        }
    }
}
