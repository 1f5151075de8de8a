using Microsoft.Data.Sqlite;

namespace PSSecureChat.Engine.Store;

/// <summary>The tables, and the steps from each schema to the next. The number stands in user_version.</summary>
internal static class Schema
{
    /// <summary>"PSSC": marks a database as ours.</summary>
    private const int ApplicationId = 0x50535343;

    // One step from each number to the next. A step that was released is never changed.
    // peer.out_acked answers "was it delivered" for every message at once, so an ack costs one row however
    // many messages it covers. message.seq is the place in the outgoing stream and 0 for incoming ones,
    // which keeps (peer, direction, seq, id) in the order of arrival for both.
    private static readonly string[] s_steps =
    [
        """
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
        """,

        // peer.out_sent: a message beyond it certainly never left. A receipt waits until the peer has stored it.
        // last_row keeps the numbers of removed messages from being given out again.
        """
        ALTER TABLE peer ADD COLUMN out_sent INTEGER NOT NULL DEFAULT 0;
        UPDATE peer SET out_sent = out_last;
        CREATE TABLE receipt (message INTEGER PRIMARY KEY, peer INTEGER NOT NULL, uuid BLOB NOT NULL);
        CREATE INDEX receipt_by_peer ON receipt (peer);
        CREATE INDEX message_expiring ON message (expires_at) WHERE direction = 1 AND state = 0 AND expires_at IS NOT NULL;
        CREATE INDEX message_undelivered ON message (peer, seq) WHERE direction = 1 AND state > 3;
        INSERT INTO meta (name, value) VALUES ('last_row', 0);
        CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
            UPDATE meta SET value = max(value, old.id) WHERE name = 'last_row';
        END;
        CREATE TRIGGER peer_removed AFTER DELETE ON peer BEGIN
            DELETE FROM receipt WHERE peer = old.id;
        END;
        """,

        // The sealed value holds secret(32) and expiry(8); a row is there as long as the invitation is open.
        """
        CREATE TABLE invitation (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
        """,

        // What waits for a peer and what of it nobody has read, in bytes of text: nobody counts a million rows at a start.
        // 28 bytes of each body are not text. length() of a blob does not read it.
        """
        ALTER TABLE peer ADD COLUMN out_bytes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE peer ADD COLUMN unread_bytes INTEGER NOT NULL DEFAULT 0;
        UPDATE peer SET
            out_bytes = (SELECT ifnull(sum(length(body) - 28), 0) FROM message WHERE peer = peer.id AND direction = 1 AND seq > out_acked AND state < 4),
            unread_bytes = (SELECT ifnull(sum(length(body) - 28), 0) FROM message WHERE peer = peer.id AND state = 6);
        """,

        // consumer.cursor is the last message row the consumer has taken; rows are numbered in the order of their commits and
        // no number comes twice. began is where it began: what consumers take counts as read, and a new one must not miss it. Few messages are answers, so the index is small and costs the others nothing.
        """
        CREATE TABLE consumer (id INTEGER PRIMARY KEY, name BLOB NOT NULL, cursor INTEGER NOT NULL, began INTEGER NOT NULL, used_at INTEGER NOT NULL);
        CREATE INDEX message_by_reply ON message (reply_to) WHERE reply_to IS NOT NULL;
        """,

        // Files on their way and those that have ended. The sealed value holds names, paths, hash and reason: TransferRow.
        """
        CREATE TABLE transfer (
            id INTEGER PRIMARY KEY,
            peer INTEGER NOT NULL,
            direction INTEGER NOT NULL,
            uuid BLOB NOT NULL,
            phase INTEGER NOT NULL,
            length INTEGER NOT NULL,
            marker INTEGER NOT NULL,
            begun_at INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            sealed BLOB NOT NULL);
        CREATE UNIQUE INDEX transfer_by_uuid ON transfer (uuid, peer, direction);
        CREATE INDEX transfer_by_peer ON transfer (peer);
        CREATE TRIGGER peer_removed_transfers AFTER DELETE ON peer BEGIN
            DELETE FROM transfer WHERE peer = old.id;
        END;
        """,

        // What was received, in order of arrival: the newest of it must not cost more the more was sent. The key is the same in
        // every row and takes no room; what orders the index is the row's number, which follows it.
        // What of a peer nobody has read is counted where it changes, not at each start.
        """
        CREATE INDEX message_incoming ON message (direction) WHERE direction = 0;
        ALTER TABLE peer ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
        UPDATE peer SET unread = (SELECT count(*) FROM message WHERE peer = peer.id AND state = 6);
        """,
    ];

    /// <summary>The number of the newest schema.</summary>
    public static int Newest => s_steps.Length;

    /// <summary>Brings the database to the newest schema, each step whole or not at all.</summary>
    /// <exception cref="ChatException">StoreTooNew, or StoreDamaged when it is another program's database.</exception>
    public static void Migrate(SqliteConnection connection, string path)
    {
        int current = (int)Scalar(connection, "PRAGMA user_version");
        long application = Scalar(connection, "PRAGMA application_id");
        if (current > 0 ? application != ApplicationId : Scalar(connection, "SELECT count(*) FROM sqlite_master") > 0)
        {
            throw ChatErrors.StoreDamaged(path, "it is a database of another program");
        }

        if (current > Newest)
        {
            throw ChatErrors.StoreTooNew(path, current, Newest);
        }

        for (; current < Newest; current++)
        {
            using SqliteTransaction transaction = connection.BeginTransaction();
            Execute(connection, transaction, s_steps[current]);
            Execute(connection, transaction, $"PRAGMA user_version = {current + 1}; PRAGMA application_id = {ApplicationId}");
            transaction.Commit();
        }
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction transaction, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
