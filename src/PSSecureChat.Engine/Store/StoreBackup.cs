using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Store;

/// <summary>
/// Backups of a store. The content of the file: length of the key file (2 bytes), the key file, the database. So a restored
/// store opens as the original does, with its passphrase if it has one.
/// </summary>
internal static class StoreBackup
{
    /// <summary>Writes a backup of a store that may be in use; the file is there whole or not at all.</summary>
    /// <param name="store">The store.</param>
    /// <param name="path">The file.</param>
    /// <param name="overwrite">Whether a file that is there is replaced.</param>
    /// <param name="passphrase">What opens the backup.</param>
    /// <param name="cost">Of Argon2id.</param>
    /// <param name="cancellationToken">Ends it, leaving nothing.</param>
    /// <exception cref="ChatException">NothingToBackUp, DestinationNotUsable, BackupExists, DiskFull, PermissionDenied, and what else stands in the way.</exception>
    public static void Write(ChatStore store, string path, bool overwrite, ReadOnlySpan<char> passphrase, Argon2Cost cost, CancellationToken cancellationToken)
    {
        StoreFolder folder = store.Folder ?? throw ChatErrors.NothingToBackUp();
        if (Directory.Exists(path))
        {
            throw ChatErrors.NotABackupPath(path, "it is a folder");
        }

        if (Path.GetDirectoryName(path) is { Length: > 0 } parent && !Directory.Exists(parent))
        {
            throw ChatErrors.NotABackupPath(path, $"there is no folder {parent}");
        }

        if (File.Exists(path) && !RegularFile.IsOne(path))
        {
            throw ChatErrors.NotABackupPath(path, "it is not a file but a device or the like");
        }

        if (!overwrite && File.Exists(path))
        {
            throw ChatErrors.BackupExists(path);
        }

        using BackupKey derived = BackupKey.Make(passphrase, cost, SystemRandomSource.Instance);
        cancellationToken.ThrowIfCancellationRequested(); // nothing ends the deriving, and the passphrase may be wiped by now
        string snapshot = folder.NewSnapshot();
        string aside = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            store.WriteSnapshot(snapshot, cancellationToken);
            byte[] key = folder.ReadKey();
            using (FileStream database = new(snapshot, FileMode.Open, FileAccess.Read))
            using (FileStream file = StoreFolder.Create(aside, FileMode.CreateNew, FileShare.None))
            {
                byte[] start = new byte[2 + key.Length];
                BinaryPrimitives.WriteUInt16BigEndian(start, checked((ushort)key.Length));
                key.CopyTo(start, 2);
                CryptographicOperations.ZeroMemory(key);
                using Stream content = new ConcatenatedStream(start, database);
                BackupFile.Seal(content, start.Length + database.Length, file, derived, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            cancellationToken.ThrowIfCancellationRequested(); // an interrupted statement is one
            throw ChatErrors.FromBackup(path, e);
        }
        finally
        {
            Delete(snapshot);
            Delete(aside);
        }
    }

    /// <summary>Makes a new store from a backup; the folder is there whole or not at all.</summary>
    /// <param name="path">The backup.</param>
    /// <param name="passphrase">What opens it.</param>
    /// <param name="destination">The folder, which must not be there yet.</param>
    /// <param name="cancellationToken">Ends it, leaving nothing.</param>
    /// <exception cref="ChatException">What stands in the way.</exception>
    public static void Restore(string path, ReadOnlySpan<char> passphrase, string destination, CancellationToken cancellationToken)
    {
        destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        if (Path.Exists(destination))
        {
            throw ChatErrors.StoreExists(destination);
        }

        string aside = $"{destination}.{Guid.NewGuid():N}.part";
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            using Stream content = BackupFile.Open(file, path, passphrase, out long length);
            cancellationToken.ThrowIfCancellationRequested();
            Unpack(content, length, path, aside, cancellationToken);
            StartFresh(Path.Combine(aside, StoreFolder.DatabaseName), destination);
            cancellationToken.ThrowIfCancellationRequested();
            Directory.Move(aside, destination);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw e is FileNotFoundException or DirectoryNotFoundException && !File.Exists(path) ? ChatErrors.BackupNotFound(path) : ChatErrors.FromBackup(destination, e);
        }
        finally
        {
            Delete(aside);
        }
    }

    private static void Unpack(Stream content, long length, string path, string folder, CancellationToken cancellationToken)
    {
        byte[] size = new byte[2];
        content.ReadExactly(size);
        byte[] key = new byte[BinaryPrimitives.ReadUInt16BigEndian(size)];
        if (length <= size.Length + key.Length)
        {
            throw ChatErrors.BackupDamaged(path);
        }

        content.ReadExactly(key);
        StoreFolder.CreateFolder(folder);
        using (FileStream file = StoreFolder.Create(Path.Combine(folder, StoreFolder.KeyName), FileMode.CreateNew, FileShare.None))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }

        CryptographicOperations.ZeroMemory(key);
        using FileStream database = StoreFolder.Create(Path.Combine(folder, StoreFolder.DatabaseName), FileMode.CreateNew, FileShare.None);
        byte[] buffer = new byte[BackupFile.ChunkSize];
        int count;
        while ((count = content.Read(buffer)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            database.Write(buffer, 0, count);
        }

        database.Flush(flushToDisk: true);
    }

    // The original may have sent messages after the backup: their numbers must not meet those of the copy, so the copy
    // sends a stream of its own. What had not been acknowledged is sent again; peers know a message by its id. Invitations
    // may have been used since: none comes back.
    private static void StartFresh(string database, string shown)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        connection.Open();
        Schema.Migrate(connection, shown);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "UPDATE meta SET value = $stream WHERE name = 'stream'; UPDATE peer SET out_sent = out_last; DELETE FROM invitation; DELETE FROM transfer WHERE phase < 3;";
        command.Parameters.AddWithValue("$stream", RandomNumberGenerator.GetBytes(16));
        command.ExecuteNonQuery();
    }

    private static void Delete(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // what happened before is what the caller must learn
        }
    }

    /// <summary>Some bytes and then a stream.</summary>
    private sealed class ConcatenatedStream(byte[] start, Stream rest) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_position == start.Length)
            {
                return rest.Read(buffer, offset, count);
            }

            count = Math.Min(count, start.Length - _position);
            start.AsSpan(_position, count).CopyTo(buffer.AsSpan(offset));
            _position += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            CryptographicOperations.ZeroMemory(start);
            base.Dispose(disposing);
        }
    }
}
