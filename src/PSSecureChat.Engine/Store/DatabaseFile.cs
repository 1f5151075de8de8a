using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace PSSecureChat.Engine.Store;

/// <summary>
/// The database file as the writer has it open. Whoever deletes or replaces the files of a running server leaves it
/// writing into a file that nobody will ever find again: that must end it before anything is acknowledged. Asked after
/// each commit; costs two calls of stat.
/// </summary>
internal sealed partial class DatabaseFile(SqliteConnection connection, StoreFolder folder)
{
    // SQLITE_FCNTL_HAS_MOVED: whether what stands at the path is another file than the one that is open. Only where an open file can
    // be deleted; elsewhere SQLite answers that it does not know the question.
    private const int HasMoved = 20;

    private readonly string _log = folder.Database + "-wal";

    /// <summary>Throws unless the open files are those at their paths.</summary>
    /// <exception cref="ChatException">StoreGone.</exception>
    public void RequireThere()
    {
        int moved = 0;
        bool known = FileControl(connection.Handle!, "main", HasMoved, ref moved) == SQLitePCL.raw.SQLITE_OK;
        if ((known && moved != 0) || !File.Exists(_log))
        {
            throw ChatErrors.StoreGone(folder.Path);
        }
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(SQLitePCL.sqlite3 database, string name, int operation, ref int argument);
}
