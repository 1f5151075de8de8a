using Microsoft.Data.Sqlite;

namespace PSSecureChat.Engine.Store;

/// <summary>What was removed stands in the write-ahead log, as it was, until that is emptied.</summary>
internal sealed partial class WriterSession
{
    private const int BusyTimeout = 10_000;
    private volatile bool _logHoldsRemoved;

    /// <summary>Whether something was removed since the log was last emptied.</summary>
    public bool LogHoldsRemoved => _logHoldsRemoved;

    /// <summary>Writes the log to the database and empties it, unless somebody reads just now: then it stays for the next time. Outside of transactions.</summary>
    public void TryEmptyLog()
    {
        // Nobody waits for readers here: a backup reads for seconds.
        _ = SQLitePCL.raw.sqlite3_busy_timeout(_connection.Handle, 0);
        try
        {
            using Statement checkpoint = new(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            bool busy = !checkpoint.Step() || checkpoint.Int64(0) != 0;
            checkpoint.Reset();
            _logHoldsRemoved = busy;
        }
        catch (SqliteException)
        {
            // a full disk, say: the next time
        }
        finally
        {
            _ = SQLitePCL.raw.sqlite3_busy_timeout(_connection.Handle, BusyTimeout);
        }
    }
}
