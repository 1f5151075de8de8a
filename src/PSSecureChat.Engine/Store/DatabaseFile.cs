using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace PSSecureChat.Engine.Store;

/// <summary>
/// The database file as the writer has it open. Whoever deletes or replaces the files of a running server leaves it
/// writing into a file that nobody will ever find again: that must end it before anything is acknowledged. Asked after
/// each commit.
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
        if ((known && moved != 0) || !IsThere(_log))
        {
            throw ChatErrors.StoreGone(folder.Path);
        }
    }

    // Not File.Exists: since Linux 6.13 whoever looks at a file's times has the next write give it new ones, and these
    // make the next flush of the log half as long again. Asking for the target of a link looks at no times.
    private static bool IsThere(string path)
    {
        try
        {
            _ = File.ResolveLinkTarget(path, returnFinalTarget: false);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(SQLitePCL.sqlite3 database, string name, int operation, ref int argument);
}
