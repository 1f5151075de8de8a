using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Store;

/// <summary>
/// The folder of a store: <c>store.db</c>, <c>store.key</c>, and the lock by which one server owns it. Folder
/// and files are for their owner only (0700, 0600); on Windows the user's profile folder sees to that.
/// </summary>
internal sealed class StoreFolder : IDisposable
{
    /// <summary>The database in the folder.</summary>
    public const string DatabaseName = "store.db";

    /// <summary>The key file in the folder.</summary>
    public const string KeyName = "store.key";

    private const string LockName = "store.lock";
    private const string OwnerName = "store.owner";
    private const string Snapshots = "snapshot-*.tmp*";

    private readonly FileStream _lock;

    private StoreFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The database file.</summary>
    public string Database => System.IO.Path.Combine(Path, DatabaseName);

    private string Key => System.IO.Path.Combine(Path, KeyName);

    /// <summary>Where the store of a name stands when no path is given.</summary>
    public static string DefaultPath(string name) => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "PSSecureChat",
        IsDevice(name) ? name + "_" : name);

    // Windows takes these names for devices, whatever folder they stand in.
    private static bool IsDevice(string name)
    {
        string stem = name.Split('.')[0].TrimEnd().ToUpperInvariant();
        return stem is "CON" or "PRN" or "AUX" or "NUL"
            || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal)) && char.IsDigit(stem[3]));
    }

    /// <summary>Makes the folder when it is not there and takes it for this process.</summary>
    /// <exception cref="ChatException">StoreInUse, PermissionDenied, DiskFull.</exception>
    public static StoreFolder Take(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            CreateFolder(path);
            KeepPrivate(path);
            held = Create(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileShare.None);
            WriteOwner(path);
            KeepFilesPrivate(path);
            foreach (string left in Directory.GetFiles(path, Snapshots))
            {
                File.Delete(left); // of a backup that a kill cut short
            }

            return new StoreFolder(path, held);
        }
        catch (IOException e) when (e.GetType() == typeof(IOException) && IsSharingViolation(e))
        {
            throw ChatErrors.StoreInUse(path, ReadOwner(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw ChatErrors.FromStore(path, e);
        }
    }

    /// <summary>Opens the key file, or makes one for a new store.</summary>
    /// <param name="passphrase">Of the key file; not read any more when the token was cancelled before.</param>
    /// <param name="random">For a new key.</param>
    /// <param name="cancellationToken">Looked at when the key is derived, which nothing ends: a new store is then not begun.</param>
    /// <exception cref="ChatException">WrongPassphrase, PassphraseNeeded, StoreDamaged.</exception>
    public DataKey OpenKey(ReadOnlySpan<char> passphrase, IRandomSource random, CancellationToken cancellationToken)
    {
        try
        {
            bool hasDatabase = File.Exists(Database) && new FileInfo(Database).Length > 0;
            bool hasKey = File.Exists(Key);
            if (hasKey && !hasDatabase)
            {
                throw ChatErrors.StoreDamaged(Path, "there is a key file and no database; if this store was never used, delete the folder");
            }

            if (hasDatabase && !hasKey)
            {
                throw ChatErrors.StoreDamaged(Path, "its key file store.key is missing");
            }

            DataKey key = hasKey ? KeyFile.Open(File.ReadAllBytes(Key), passphrase) : DataKey.Generate(random);
            try
            {
                byte[]? sealedKey = hasKey ? null : passphrase.IsEmpty ? KeyFile.SealPlain(key) : KeyFile.Seal(key, passphrase, Argon2Cost.Production, random);
                cancellationToken.ThrowIfCancellationRequested();
                if (sealedKey is not null)
                {
                    WriteWhole(Key, sealedKey);
                }

                return key;
            }
            catch
            {
                key.Dispose();
                throw;
            }
        }
        catch (ChatException e) when (e.Target is null)
        {
            throw new ChatException(e.ErrorId, $"{Path}: {e.Message}", e.Recommendation, Path, e); // the key file's format knows no path
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ChatErrors.FromStore(Path, e);
        }
    }

    /// <summary>Makes the database file, so that SQLite and its companions take over its mode.</summary>
    public void PrepareDatabase() => Create(Database, FileMode.OpenOrCreate, FileShare.ReadWrite).Dispose();

    /// <summary>The key file as it is. The caller wipes it.</summary>
    public byte[] ReadKey() => File.ReadAllBytes(Key);

    /// <summary>Makes an empty file for a copy of the database.</summary>
    public string NewSnapshot()
    {
        string file = System.IO.Path.Combine(Path, $"snapshot-{Guid.NewGuid():N}.tmp");
        Create(file, FileMode.CreateNew, FileShare.ReadWrite).Dispose();
        return file;
    }

    /// <summary>Makes a folder that only its owner may enter.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(OwnerFile(Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // only the name of the owner; the lock is what counts
        }

        _lock.Dispose();
    }

    // A folder that was there before is made private when it holds nothing but a store.
    private static void KeepPrivate(string path)
    {
        if (!OperatingSystem.IsWindows()
            && Directory.EnumerateFileSystemEntries(path).All(entry => System.IO.Path.GetFileName(entry).StartsWith("store.", StringComparison.Ordinal)))
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // Files that were copied here may have come with the mode of any other file, and the folder may be open to others.
    private static void KeepFilesPrivate(string path)
    {
        const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (string name in new[] { DatabaseName, DatabaseName + "-wal", DatabaseName + "-shm", KeyName, LockName, OwnerName })
        {
            string file = System.IO.Path.Combine(path, name);
            if (File.Exists(file) && File.GetUnixFileMode(file) != Mine)
            {
                File.SetUnixFileMode(file, Mine);
            }
        }
    }

    // A file is there whole or not at all: written aside, flushed, renamed.
    private static void WriteWhole(string path, byte[] content)
    {
        string aside = path + ".new";
        using (FileStream file = Create(aside, FileMode.Create, FileShare.None))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }

    /// <summary>Opens a file that only its owner may read.</summary>
    internal static FileStream Create(string path, FileMode mode, FileShare share)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static string OwnerFile(string path) => System.IO.Path.Combine(path, OwnerName);

    private static void WriteOwner(string path)
    {
        using FileStream file = Create(OwnerFile(path), FileMode.Create, FileShare.ReadWrite);
        using StreamWriter writer = new(file);
        writer.Write($"process {Environment.ProcessId} ({System.IO.Path.GetFileName(Environment.ProcessPath) ?? "unknown"})");
    }

    private static string ReadOwner(string path)
    {
        try
        {
            string owner = SafeText.ForOneLine(File.ReadAllText(OwnerFile(path)));
            return owner.Length > 0 ? owner : "another process";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }

    private static bool IsSharingViolation(IOException e) =>
        OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 13 or 35; // EAGAIN, EACCES, EWOULDBLOCK (macOS)
}
