using System.Collections.Concurrent;
using System.Formats.Cbor;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Store;

/// <summary>An open store: identity, peers and messages of one local user. One writer, any number of readers.</summary>
internal sealed class ChatStore : IAsyncDisposable
{
    private readonly string _connectionString;
    private readonly StoreFolder? _folder;
    private readonly DataKey _key;
    private readonly SqliteConnection _connection;
    private readonly ConcurrentBag<MessageReader> _idleReaders = [];
    private long _lastPeer;
    private readonly Action<Exception> _broken;
    private long _lastInvitation;
    private long _lastTransfer;
    private volatile StrongBox<Guid> _stream = new();
    private int _streamUnsaved;
    private volatile bool _closed;

    private ChatStore(StoreFolder? folder, DataKey key, string connectionString, SqliteConnection connection, Action<Exception> broken)
    {
        _broken = broken;
        _folder = folder;
        _key = key;
        _connectionString = connectionString;
        _connection = connection;
    }

    /// <summary>Our identity.</summary>
    public required IdentityKeyPair Identity { get; init; }

    /// <summary>The id of our streams of messages.</summary>
    public Guid Stream => _stream.Value;

    /// <summary>The peers as they were when the store was opened.</summary>
    public required IReadOnlyList<PeerRecord> Peers { get; init; }

    /// <summary>The invitations that were open when the store was opened. Whoever takes them owns them.</summary>
    public required IReadOnlyList<OpenInvitation> Invitations { get; init; }

    /// <summary>The named consumers and how far each has come.</summary>
    public required ConsumerBook Consumers { get; init; }

    /// <summary>The transfers as they were when the store was opened.</summary>
    public required IReadOnlyList<TransferRow> Transfers { get; init; }

    /// <summary>The writer.</summary>
    public required StoreWriter Writer { get; init; }

    /// <summary>Expires what is due.</summary>
    public required ExpirySweep Expiry { get; init; }

    /// <summary>The folder, or null when everything is in memory.</summary>
    public string? Path => _folder?.Path;

    /// <summary>The same as an object.</summary>
    public StoreFolder? Folder => _folder;

    /// <summary>Whether it is closed or closing.</summary>
    public bool IsClosed => _closed;

    /// <summary>What errors call it.</summary>
    public string Shown => Path ?? "in memory";

    /// <summary>Opens the store of a folder, or one in memory that ends with the process when the folder is null.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="passphrase">Opens the key file; not used any more once the token is cancelled.</param>
    /// <param name="limits">Queue and batch sizes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="committed">Called after each commit, on the writer's thread.</param>
    /// <param name="broken">Told when nothing more can be stored.</param>
    /// <param name="cancellationToken">Ends it where that leaves no store half made: when the key is derived, not later.</param>
    /// <exception cref="ChatException">What stands in the way.</exception>
    public static ChatStore Open(string? path, ReadOnlySpan<char> passphrase, Limits limits, TimeProvider time, Action committed, Action<Exception> broken, CancellationToken cancellationToken)
    {
        IRandomSource random = SystemRandomSource.Instance;
        StoreFolder? folder = path is null ? null : StoreFolder.Take(path);
        DataKey? key = null;
        SqliteConnection? connection = null;
        string shown = folder?.Path ?? "in memory";
        try
        {
            key = folder?.OpenKey(passphrase, random, cancellationToken) ?? DataKey.Generate(random);
            folder?.PrepareDatabase();
            string connectionString = new SqliteConnectionStringBuilder
            {
                // The memdb file system is shared by the connections of this process and never touches a disk.
                DataSource = folder?.Database ?? $"file:/{Guid.NewGuid():N}?vfs=memdb",
                Pooling = false,
                Mode = folder is null ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite, // a file that is gone does not come back empty
            }.ToString();
            connection = OpenConnection(connectionString);
            Schema.Migrate(connection, shown);
            return Load(folder, key, connectionString, connection, limits, time, committed, broken, shown);
        }
        catch (Exception e) when (e is SqliteException or CryptographicException or CborContentException or InvalidOperationException or IOException or UnauthorizedAccessException or ChatException or OperationCanceledException)
        {
            connection?.Dispose();
            key?.Dispose();
            folder?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw e is CborContentException or InvalidOperationException
                ? ChatErrors.StoreDamaged(shown, "a sealed value does not open", e)
                : ChatErrors.FromStore(shown, e);
        }
    }

    /// <summary>A row id for a new peer.</summary>
    public long NextPeerId() => Interlocked.Increment(ref _lastPeer);

    /// <summary>A row id for a new invitation.</summary>
    public long NextInvitationId() => Interlocked.Increment(ref _lastInvitation);

    /// <summary>A row id for a new transfer.</summary>
    public long NextTransferId() => Interlocked.Increment(ref _lastTransfer);

    /// <summary>
    /// Draws a new stream id. For a store that a peer has received more from than it remembers to have sent: it was
    /// put back by hand from an older copy, and its numbers must not be used a second time.
    /// </summary>
    public void RenewStream()
    {
        DrawStream();
        SaveStream();
    }

    /// <summary>
    /// Deletes a peer and its messages. If it comes back, its numbers begin anew, and it must not take them for those it has had:
    /// with it, in the same commit, goes the stream it knows.
    /// </summary>
    public Task RemovePeerAsync(PeerRecord peer)
    {
        if (peer.OutStored > 0)
        {
            DrawStream();
        }

        return Writer.RunAsync(
            session =>
            {
                session.RemovePeer(peer);
                session.SetStream(Stream);
            },
            CancellationToken.None);
    }

    /// <summary>Has a new stream id stored that the store has not taken yet. Called about once a second.</summary>
    public void SaveStream()
    {
        if (Interlocked.Exchange(ref _streamUnsaved, 0) == 1)
        {
            // Waits for room by itself; a store that closes first meets the same disagreement, and renews, next time.
            _ = Writer.EnqueueAsync(new RenewedStream(this), CancellationToken.None).AsTask();
        }
    }

    /// <summary>Looks whether the files are still there, and ends everything when they are not. Called about once a second.</summary>
    public void LookAfterFiles()
    {
        if (_folder is not null && !_closed && !File.Exists(_folder.Database))
        {
            _broken(ChatErrors.StoreGone(Shown));
        }
    }

    /// <summary>Lends a reader; give it back with <see cref="Return"/>.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public MessageReader Rent()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        return _idleReaders.TryTake(out MessageReader? reader) ? reader : new MessageReader(OpenConnection(_connectionString), _key);
    }

    /// <summary>Copies the database, as of now, into a file that is there and empty. Messages that were removed are not in the copy.</summary>
    public void WriteSnapshot(string file, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = OpenConnection(_connectionString);
        using CancellationTokenRegistration stop = cancellationToken.Register(() => SQLitePCL.raw.sqlite3_interrupt(connection.Handle!));
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $file";
        command.Parameters.AddWithValue("$file", file);
        command.ExecuteNonQuery();
    }

    public void Return(MessageReader reader)
    {
        _idleReaders.Add(reader);
        if (_closed) // looked at behind it: who closes takes what is there behind that
        {
            DisposeIdleReaders();
        }
    }

    /// <summary>Commits what waits and closes everything. Readers still lent out close when they come back.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        SaveStream();
        await Writer.DisposeAsync().ConfigureAwait(false);
        DisposeIdleReaders();
        _connection.Dispose();
        Identity.Dispose();
        _key.Dispose();
        _folder?.Dispose();
    }

    private void DrawStream()
    {
        _stream = new StrongBox<Guid>(new Guid(RandomNumberGenerator.GetBytes(16), bigEndian: true));
        Volatile.Write(ref _streamUnsaved, 1);
    }

    private void DisposeIdleReaders()
    {
        while (_idleReaders.TryTake(out MessageReader? reader))
        {
            reader.Dispose();
        }
    }

    private static ChatStore Load(StoreFolder? folder, DataKey key, string connectionString, SqliteConnection connection, Limits limits, TimeProvider time, Action committed, Action<Exception> broken, string shown)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(RowSealer.SaltSize);
        using Statement insert = new(connection, "INSERT INTO epoch (salt) VALUES (?1) RETURNING id");
        insert.Bind(1, salt).Step();
        uint epoch = (uint)insert.Int64(0);
        insert.Execute();

        RowSealer sealer = new(key, epoch, salt);
        using RowOpener opener = new(connection, key);
        IdentityKeyPair identity = LoadIdentity(connection, sealer, opener, out Guid stream);
        List<PeerRecord> peers = LoadPeers(connection, opener);
        List<OpenInvitation> invitations = OpenInvitation.Load(connection, opener);
        List<TransferRow> transfers = TransferRow.Load(connection, opener);
        DatabaseFile? file = folder is null ? null : new DatabaseFile(connection, folder);
        WriterSession session = new(connection, sealer, limits, time, peers, file);
        return new ChatStore(folder, key, connectionString, connection, broken)
        {
            Identity = identity,
            _stream = new StrongBox<Guid>(stream),
            Peers = peers,
            Invitations = invitations,
            Consumers = ConsumerBook.Load(connection, opener),
            Transfers = transfers,
            Expiry = new ExpirySweep(limits, time),
            Writer = new StoreWriter(session, limits, shown, committed, broken),
            _lastPeer = peers.Count == 0 ? 0 : peers.Max(peer => peer.Id),
            _lastTransfer = transfers.Count == 0 ? 0 : transfers[^1].Row,
            _lastInvitation = invitations.Count == 0 ? 0 : invitations[^1].Id,
        };
    }

    private static IdentityKeyPair LoadIdentity(SqliteConnection connection, RowSealer sealer, RowOpener opener, out Guid stream)
    {
        RowPlace place = new(SealedColumn.IdentitySeed, 1);
        Span<byte> seed = stackalloc byte[IdentityKeyPair.SeedSize];
        using Statement read = new(connection, "SELECT (SELECT value FROM meta WHERE name = 'identity'), (SELECT value FROM meta WHERE name = 'stream')");
        read.Step();
        try
        {
            if (!read.IsNull(0) && !read.IsNull(1))
            {
                opener.Open(read.Blob(0), place, seed);
                stream = read.Id(1);
                return IdentityKeyPair.FromSeed(seed);
            }

            read.Reset();
            IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
            identity.ExportSecretSeedForSealing(seed);
            byte[] sealedSeed = new byte[seed.Length + RowSealer.Overhead];
            sealer.Seal(seed, place, sealedSeed);
            stream = new Guid(RandomNumberGenerator.GetBytes(16), bigEndian: true);
            using Statement write = new(connection, "INSERT INTO meta (name, value) VALUES ('identity', ?1), ('stream', ?2)");
            write.Bind(1, sealedSeed).Bind(2, stream).Execute();
            return identity;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    private static List<PeerRecord> LoadPeers(SqliteConnection connection, RowOpener opener)
    {
        List<PeerRecord> peers = [];
        using Statement read = new(connection, """
            SELECT id, identity, profile, standing, trust, last_seen, out_last, out_acked, in_stream, in_received,
                   unread,
                   out_sent,
                   out_bytes, unread_bytes,
                   out_last - out_acked
                       - (SELECT count(*) FROM message WHERE message.peer = peer.id AND direction = 1 AND seq > out_acked)
                       + (SELECT count(*) FROM message INDEXED BY message_undelivered WHERE message.peer = peer.id AND direction = 1 AND state > 3 AND seq > out_acked)
            FROM peer ORDER BY id
            """);
        while (read.Step())
        {
            CborReader profile = new(opener.Open(read.Blob(2), new RowPlace(SealedColumn.PeerProfile, read.Int64(0), read.Int64(0))));
            profile.ReadStartArray();
            string label = profile.ReadTextString();
            PeerAddress? typed = ReadAddress(profile);
            PeerAddress? seen = ReadAddress(profile);
            byte[] identity = read.Blob(1).ToArray();
            if (identity.Length != IdentityKey.Size)
            {
                throw new CryptographicException("A peer's identity key is not one.");
            }

            PeerRecord peer = new()
            {
                Id = read.Int64(0),
                Identity = IdentityKey.FromTrusted(identity), // looked at when it was pinned, and again whenever somebody shows it
                Label = label,
                Typed = typed,
                Seen = seen,
                Standing = (PeerStanding)read.Int64(3),
                Trust = (ChatTrust)read.Int64(4),
            };
            peer.Load(read.Int64(6), read.Int64(7), read.Int64(11), read.Int64(12), read.Id(8), read.Int64(9), read.Int64(10), read.Int64(13), read.Int64(5));
            if (read.Int64(14) > 0)
            {
                LoadRetired(connection, peer);
            }

            peers.Add(peer);
        }

        return peers;
    }

    // The numbers whose messages are gone or will not be sent, among those the peer has not acknowledged.
    private static void LoadRetired(SqliteConnection connection, PeerRecord peer)
    {
        using Statement waiting = new(connection, "SELECT seq FROM message WHERE peer = ?1 AND direction = 1 AND seq > ?2 AND state < 4 ORDER BY seq");
        waiting.Bind(1, peer.Id).Bind(2, peer.OutAcked);
        long next = peer.OutAcked + 1;
        while (waiting.Step())
        {
            for (; next < waiting.Int64(0); next++)
            {
                peer.Retire(next, 0); // its bytes were not counted when they were written
            }

            next++;
        }

        for (; next <= peer.OutStored; next++)
        {
            peer.Retire(next, 0);
        }
    }

    private sealed class RenewedStream(ChatStore store) : StoreWork
    {
        public override void Execute(WriterSession session) => session.SetStream(store.Stream);

        public override void Failed(ChatException failure) => Volatile.Write(ref store._streamUnsaved, 1);
    }

    private static PeerAddress? ReadAddress(CborReader profile)
    {
        string host = profile.ReadTextString();
        int port = profile.ReadInt32();
        return host.Length == 0 ? null : new PeerAddress(host, port);
    }

    private static SqliteConnection OpenConnection(string connectionString)
    {
        SqliteConnection connection = new(connectionString);
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        // synchronous=FULL: a commit that was acknowledged survives a loss of power. A checkpoint holds up the commit it falls
        // into by some milliseconds; SQLite's own 1,000 pages would let it fall into one of two hundred single messages.
        command.CommandText = """
            PRAGMA busy_timeout = 10000;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = 4000;
            PRAGMA secure_delete = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON;
            """;
        command.ExecuteNonQuery();
        return connection;
    }
}
