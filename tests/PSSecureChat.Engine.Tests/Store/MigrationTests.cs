using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

/// <summary>Stores as the first version wrote them, made from its own words and not from the engine's.</summary>
public sealed class MigrationTests : IDisposable
{
    private const string FirstSchema = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE epoch (id INTEGER PRIMARY KEY, salt BLOB NOT NULL);
        CREATE TABLE peer (
            id INTEGER PRIMARY KEY,
            identity BLOB NOT NULL UNIQUE,
            profile BLOB NOT NULL,
            standing INTEGER NOT NULL,
            trust INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            out_last INTEGER NOT NULL,
            out_acked INTEGER NOT NULL,
            in_stream BLOB NOT NULL,
            in_received INTEGER NOT NULL);
        CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            peer INTEGER NOT NULL,
            direction INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            uuid BLOB NOT NULL,
            sent_at INTEGER NOT NULL,
            stored_at INTEGER NOT NULL,
            expires_at INTEGER,
            state INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            reply_to BLOB,
            body BLOB NOT NULL,
            note BLOB);
        CREATE UNIQUE INDEX message_by_uuid ON message (uuid, peer, direction);
        CREATE INDEX message_by_peer ON message (peer, direction, seq);
        CREATE INDEX message_unread ON message (peer) WHERE state = 6;
        PRAGMA user_version = 1;
        PRAGMA application_id = 1347638083;
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;
    private readonly byte[] _dataKey = RandomNumberGenerator.GetBytes(DataKey.Size);
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(RowSealer.SaltSize);

    private string AnaPath => Path.Combine(_root, "ana");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_store_of_the_first_schema_opens_with_all_it_has_and_goes_on()
    {
        string bobPath = Path.Combine(_root, "bob");
        byte[] bob;
        int port;
        await using (ChatEngine first = await TwoPeers.StartAsync("bob", path: bobPath))
        {
            port = first.Server.Port;
            bob = KeyOf(bobPath);
        }

        MakeFirstStore(bob, port);
        await using ChatEngine ana = await TwoPeers.StartAsync("ana", path: AnaPath);
        Assert.Equal(("bob", 1, 1), (ana.GetPeers().Single().Name, ana.GetPeers().Single().Unread, ana.GetPeers().Single().Queued));
        Assert.Equal($"{"waits".Length} {"unread".Length}", Sql("SELECT out_bytes || ' ' || unread_bytes FROM peer"));
        List<ChatMessage> all = [.. ana.ReadMessages(new MessageQuery(), TwoPeers.Patience)];
        Assert.Equal(
            [("delivered", ChatMessageState.Delivered), ("waits", ChatMessageState.Queued), ("unread", ChatMessageState.Received)],
            all.Select(message => (message.Text, message.State)));

        await using ChatEngine again = await TwoPeers.StartAsync("bob", path: bobPath, port: port);
        await ana.WaitForStateAsync(all[1], ChatMessageState.Delivered, TwoPeers.Patience);
        Assert.Equal(["waits"], TwoPeers.Inbox(again).Select(message => message.Text));
        Assert.Equal((long)Schema.Newest, Sql("PRAGMA user_version"));
    }

    [Fact]
    public void A_step_that_fails_changes_nothing()
    {
        MakeFirstStore(new byte[32], 1);
        Sql("CREATE TABLE receipt (other INTEGER)"); // stands in the way of the second step
        ChatException error = Assert.Throws<ChatException>(() => ChatStore.Open(AnaPath, default, Limits.Default, TimeProvider.System, static () => { }, static _ => { }, TwoPeers.Patience));
        Assert.Equal(ChatErrorId.EngineFailure, error.ErrorId);
        Assert.Equal(1L, Sql("PRAGMA user_version"));
        Assert.Equal(0L, Sql("SELECT count(*) FROM pragma_table_info('peer') WHERE name = 'out_sent'"));
    }

    private static byte[] KeyOf(string path)
    {
        using SqliteConnection connection = new($"Data Source={Path.Combine(path, "store.db")};Pooling=False;Mode=ReadWrite");
        connection.Open();
        using DataKey key = KeyFile.Open(File.ReadAllBytes(Path.Combine(path, "store.key")), default);
        using RowOpener opener = new(connection, key);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT value FROM meta WHERE name = 'identity'";
        byte[] seed = opener.Open((byte[])command.ExecuteScalar()!, new RowPlace(SealedColumn.IdentitySeed, 1));
        using IdentityKeyPair identity = IdentityKeyPair.FromSeed(seed);
        return identity.PublicKey.Bytes.ToArray();
    }

    private void MakeFirstStore(byte[] bob, int bobPort)
    {
        Directory.CreateDirectory(AnaPath);
        using DataKey key = new(_dataKey);
        File.WriteAllBytes(Path.Combine(AnaPath, "store.key"), KeyFile.SealPlain(key));
        using SqliteConnection connection = new($"Data Source={Path.Combine(AnaPath, "store.db")};Pooling=False");
        connection.Open();
        Execute(connection, FirstSchema);
        using RowSealer sealer = new(key, 1, _salt);
        CborWriter profile = new();
        profile.WriteStartArray(5);
        profile.WriteTextString("bob");
        profile.WriteTextString("127.0.0.1");
        profile.WriteInt32(bobPort);
        profile.WriteTextString("");
        profile.WriteInt32(0);
        profile.WriteEndArray();
        Execute(connection, "INSERT INTO epoch VALUES (1, $0)", _salt);
        Execute(connection, "INSERT INTO meta VALUES ('identity', $0), ('stream', $1)", Seal(sealer, RandomNumberGenerator.GetBytes(32), new RowPlace(SealedColumn.IdentitySeed, 1)), RandomNumberGenerator.GetBytes(16));
        Execute(connection, "INSERT INTO peer VALUES (1, $0, $1, 1, 0, 0, 2, 1, $2, 0)", bob, Seal(sealer, profile.Encode(), new RowPlace(SealedColumn.PeerProfile, 1, 1)), new byte[16]);
        AddMessage(connection, sealer, 1, ChatDirection.Outgoing, 1, 0, "delivered");
        AddMessage(connection, sealer, 2, ChatDirection.Outgoing, 2, 0, "waits");
        AddMessage(connection, sealer, 3, ChatDirection.Incoming, 0, 6, "unread");
    }

    private static void AddMessage(SqliteConnection connection, RowSealer sealer, long row, ChatDirection direction, long sequence, long state, string text)
    {
        Guid id = Guid.NewGuid();
        byte[] body = Seal(sealer, Encoding.UTF8.GetBytes(text), new RowPlace(SealedColumn.MessageBody, row, 1, direction, id));
        Execute(connection, "INSERT INTO message VALUES ($0, 1, $1, $2, $3, 1000, 1000, NULL, $4, 0, NULL, $5, NULL)", row, (long)direction, sequence, id.ToByteArray(bigEndian: true), state, body);
    }

    private static byte[] Seal(RowSealer sealer, byte[] value, RowPlace place)
    {
        byte[] result = new byte[value.Length + RowSealer.Overhead];
        sealer.Seal(value, place, result);
        return result;
    }

    private static object? Execute(SqliteConnection connection, string sql, params object[] values)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i}", values[i]);
        }

        return command.ExecuteScalar();
    }

    private object? Sql(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Path.Combine(AnaPath, "store.db")};Pooling=False");
        connection.Open();
        return Execute(connection, sql);
    }
}
