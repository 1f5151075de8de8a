using System.Buffers;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Store;

/// <summary>What the writer can do inside a transaction: the prepared statements and the numbers it hands out.</summary>
internal sealed partial class WriterSession : IDisposable
{
    private readonly MessageInserter _inserter;
    private readonly Statement _updatePeer;
    private readonly Statement _markRead;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollback;
    private readonly SqliteConnection _connection;
    private readonly RowSealer _sealer;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly DatabaseFile? _file;
    private readonly List<PeerRecord> _touched = [];
    private byte[] _utf8 = new byte[4096];
    private long _lastRow;
    private long _committedRow;

    public WriterSession(SqliteConnection connection, RowSealer sealer, Limits limits, TimeProvider time, IEnumerable<PeerRecord> peers, DatabaseFile? file)
    {
        _peers = peers.ToDictionary(peer => peer.Id);
        _connection = connection;
        _sealer = sealer;
        _limits = limits;
        _time = time;
        _file = file;
        _begin = new Statement(connection, "BEGIN IMMEDIATE");
        _commit = new Statement(connection, "COMMIT");
        _rollback = new Statement(connection, "ROLLBACK");
        _inserter = new MessageInserter(connection, sealer) { LeftOut = LeftOut };
        _updatePeer = new Statement(connection, """
            UPDATE peer SET out_last = ?2, out_acked = ?3, in_stream = ?4, in_received = ?5, last_seen = ?6, out_sent = ?7, out_bytes = ?8, unread_bytes = ?9, unread = ?10 WHERE id = ?1
            """);
        _markRead = new Statement(connection, "UPDATE message SET state = 3 WHERE id = ?1 AND state = 6 RETURNING length(body)");
        using Statement last = new(connection, "SELECT max(ifnull((SELECT max(id) FROM message), 0), (SELECT value FROM meta WHERE name = 'last_row'))");
        last.Step();
        _lastRow = _committedRow = last.Int64(0);
        last.Reset();
        FindNextExpiry();
    }

    /// <summary>The largest message row that is committed.</summary>
    public long CommittedRow => Volatile.Read(ref _committedRow);

    /// <summary>The time of this transaction, in milliseconds since 1970: one reading of the clock for all its rows.</summary>
    public long Now { get; private set; }

    public void Begin()
    {
        Now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _begin.Execute();
    }

    /// <summary>Writes the messages that wait to be written together: from here on statements see them.</summary>
    public void InsertMessages() => _inserter.Flush();

    public void Commit()
    {
        InsertMessages();
        foreach (PeerRecord peer in _touched)
        {
            SavePeerNumbers(peer);
        }

        _commit.Execute();
        _file?.RequireThere(); // before anybody learns that something is stored
        foreach (PeerRecord peer in _touched)
        {
            peer.Publish();
        }

        Volatile.Write(ref _committedRow, _lastRow);
        foreach (PeerRecord peer in _touched)
        {
            // Last: a sending loop that comes by acknowledges by it at once, and what is delivered must count everywhere.
            peer.PublishReceived();
        }

        _touched.Clear();
        _peersChanged.Clear();
        if (_statesStored.Count > 0)
        {
            StoredStates.Tell(_statesStored);
            _statesStored.Clear();
        }
    }

    public void Rollback()
    {
        _inserter.Clear();
        try
        {
            // After some errors (disk full) SQLite has already rolled back by itself.
            if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            {
                _rollback.Execute();
            }
        }
        finally
        {
            RestoreMemory(); // whatever the disk does: memory must not run ahead of it
        }
    }

    private void RestoreMemory()
    {
        foreach (PeerRecord peer in _touched)
        {
            peer.Rollback();
        }

        _touched.Clear();
        _statesStored.Clear();
        RestorePeers();
        _lastRow = _committedRow;
        Volatile.Write(ref _nextExpiry, 0); // unknown until the next sweep has looked
    }

    public void InsertOutgoing(PeerRecord peer, ChatMessage message)
    {
        Touch(peer);
        message.Sequence = ++peer.WorkingOut;
        message.Index = ++_lastRow;
        if (peer.Tail is not null)
        {
            peer.WorkingSent = message.Sequence; // it may leave as soon as this is committed
        }

        if (message.Expiry != 0)
        {
            Volatile.Write(ref _nextExpiry, Math.Min(_nextExpiry, message.Expiry));
        }

        int length = Utf8(message.Text);
        peer.WorkingOutBytes += length;
        Insert(peer, ChatDirection.Outgoing, message.Sequence, message.Id, message.SentAt.ToUnixTimeMilliseconds(), ChatMessageState.Queued, message.InReplyTo, message.Expiry, message.Kind, _utf8.AsSpan(0, length));
    }

    /// <summary>Stores a received message; one whose id is already here counts as received and changes nothing.</summary>
    /// <returns>Whether there was room for it.</returns>
    public bool TryInsertIncoming(PeerRecord peer, in MessageFrame frame)
    {
        if (frame.Sequence <= peer.WorkingIn.Received)
        {
            return true;
        }

        Touch(peer);
        if (!HasRoom(peer, frame.Text.Length))
        {
            InsertMessages(); // of those that wait, some may be here already and not count
            if (!HasRoom(peer, frame.Text.Length))
            {
                peer.WorkingFull = true;
                return false;
            }
        }

        peer.WorkingIn.Received = frame.Sequence;
        _lastRow++;
        peer.WorkingUnread++;
        peer.WorkingUnreadBytes += frame.Text.Length;
        Insert(peer, ChatDirection.Incoming, 0, frame.Id, frame.SentAt, ChatMessageState.Received, frame.InReplyTo, frame.ExpiresAt, frame.Kind, frame.Text.Span);
        return true;
    }

    private bool HasRoom(PeerRecord peer, int bytes) => peer.WorkingUnread < _limits.InboxMessages && peer.WorkingUnreadBytes + bytes <= _limits.InboxBytes;

    // A received message that is here already, after a restored backup of the sender: it counts as received, and not a second time
    // as unread. One of ours would be said to be stored and never be sent.
    private static void LeftOut(MessageInserter.Head message, int bytes)
    {
        if (message.Rest.Direction == ChatDirection.Outgoing)
        {
            throw new InvalidOperationException("A message to this peer has the id of an earlier one.");
        }

        message.Peer.WorkingUnread--;
        message.Peer.WorkingUnreadBytes -= bytes;
    }

    /// <summary>Throws unless everything of a stream up to a number is stored.</summary>
    public static void RequireReceived(PeerRecord peer, Guid stream, long sequence)
    {
        if (peer.WorkingIn.Stream != stream || peer.WorkingIn.Received < sequence)
        {
            throw new InvalidOperationException("An earlier message of the stream was not stored.");
        }
    }

    public void SkipIncoming(PeerRecord peer, long sequence)
    {
        Touch(peer);
        peer.WorkingIn.Received = Math.Max(peer.WorkingIn.Received, sequence);
    }

    /// <summary>Takes over the stream a peer says it sends, and what of it will not come.</summary>
    public void AdoptStream(PeerRecord peer, Guid stream, long from)
    {
        Touch(peer);
        long received = peer.WorkingIn.Stream == stream ? Math.Max(peer.WorkingIn.Received, from) : from;
        peer.WorkingIn = (stream, received);
    }

    /// <summary>Marks a received message as read.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="row">The message.</param>
    /// <param name="receipt">Whether the peer is to be told.</param>
    public void MarkRead(PeerRecord peer, long row, bool receipt)
    {
        long bytes = -1;
        for (_markRead.Bind(1, row); _markRead.Step();)
        {
            bytes = _markRead.Int64(0) - RowSealer.Overhead;
        }

        if (bytes >= 0)
        {
            Touch(peer);
            NoLongerUnread(peer, bytes);
            if (receipt)
            {
                AddReceipt(row);
            }
        }
    }

    // The inbox counts as full until it has been read down a good way, so that not each message read brings a connection.
    private void NoLongerUnread(PeerRecord peer, long bytes)
    {
        peer.WorkingUnread--;
        peer.WorkingUnreadBytes = peer.WorkingUnread == 0 ? 0 : peer.WorkingUnreadBytes - bytes;
        peer.WorkingFull &= peer.WorkingUnread > _limits.InboxMessages / 4 * 3 || peer.WorkingUnreadBytes > _limits.InboxBytes / 4 * 3;
    }

    /// <summary>Has the peer's numbers written with this transaction.</summary>
    public void Touch(PeerRecord peer)
    {
        if (!peer.Touched)
        {
            peer.Touched = true;
            _touched.Add(peer);
        }
    }

    public void SetStream(Guid stream)
    {
        using Statement update = new(_connection, "UPDATE meta SET value = ?1 WHERE name = 'stream'");
        update.Bind(1, stream).Execute();
    }

    public void InsertPeer(PeerRecord peer)
    {
        KnowFromNow(peer, known: true);
        using Statement insert = new(_connection, """
            INSERT INTO peer (id, identity, profile, standing, trust, last_seen, out_last, out_acked, in_stream, in_received)
            VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, ?6, 0)
            """);
        insert.Bind(1, peer.Id).Bind(2, peer.Identity.Bytes).Bind(3, SealProfile(peer)).Bind(4, (long)peer.Standing).Bind(5, (long)peer.Trust).Bind(6, Guid.Empty).Execute();
    }

    public void UpdatePeer(PeerRecord peer)
    {
        using Statement update = new(_connection, "UPDATE peer SET profile = ?2, standing = ?3, trust = ?4, identity = ?5 WHERE id = ?1");
        update.Bind(1, peer.Id).Bind(2, SealProfile(peer)).Bind(3, (long)peer.Standing).Bind(4, (long)peer.Trust).Bind(5, peer.Identity.Bytes).Execute();
    }

    /// <summary>Lets the database grow to so many pages and no further, as on a full disk; never below what it has.</summary>
    internal void SetMostPagesForTestingOnly(int pages)
    {
        using Statement limit = new(_connection, $"PRAGMA max_page_count = {pages}");
        limit.Execute();
    }

    public void Dispose()
    {
        _inserter.Dispose();
        foreach (Statement statement in new[] { _updatePeer, _markRead, _begin, _commit, _rollback })
        {
            statement.Dispose();
        }

        DisposeOutbox();
        _sealer.Dispose();
        CryptographicOperations.ZeroMemory(_utf8);
    }

    private void Insert(PeerRecord peer, ChatDirection direction, long sequence, Guid id, long sentAt, ChatMessageState state, Guid? inReplyTo, long expiresAt, ChatMessageKind kind, ReadOnlySpan<byte> text)
    {
        if (peer.Removed)
        {
            throw ChatErrors.PeerUnknown(peer.Label);
        }

        _inserter.Add(new MessageInserter.Head(peer, _lastRow, sequence, id, sentAt, new MessageInserter.Common(peer.Id, direction, Now, state, kind, inReplyTo, expiresAt)), text);
    }

    private int Utf8(string text)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_utf8.Length < most)
        {
            _utf8 = new byte[most];
        }

        return Encoding.UTF8.GetBytes(text, _utf8);
    }

    private byte[] SealProfile(PeerRecord peer)
    {
        CborWriter writer = new();
        writer.WriteStartArray(5);
        writer.WriteTextString(peer.Label);
        foreach (PeerAddress? address in new[] { peer.Typed, peer.Seen })
        {
            writer.WriteTextString(address?.Host ?? string.Empty);
            writer.WriteInt32(address?.Port ?? 0);
        }

        writer.WriteEndArray();
        byte[] profile = writer.Encode();
        byte[] destination = new byte[profile.Length + RowSealer.Overhead];
        _sealer.Seal(profile, new RowPlace(SealedColumn.PeerProfile, peer.Id, peer.Id), destination);
        return destination;
    }

    private void SavePeerNumbers(PeerRecord peer) =>
        _updatePeer.Bind(1, peer.Id).Bind(2, peer.WorkingOut).Bind(3, peer.OutAcked).Bind(4, peer.WorkingIn.Stream)
            .Bind(5, peer.WorkingIn.Received).Bind(6, peer.LastSeen).Bind(7, peer.WorkingSent)
            .Bind(8, Math.Max(0, peer.Waiting.StoredBytes + peer.WorkingOutBytes)).Bind(9, peer.WorkingUnreadBytes).Bind(10, peer.WorkingUnread).Execute();
}
