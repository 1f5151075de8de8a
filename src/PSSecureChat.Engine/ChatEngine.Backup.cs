using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;

namespace PSSecureChat.Engine;

/// <summary>Backups.</summary>
public sealed partial class ChatEngine
{
    /// <summary>Writes the store, as it stands now, into one encrypted file, while the server goes on. Takes a second longer than the copying.</summary>
    /// <param name="path">The file's full path.</param>
    /// <param name="passphrase">What will open it, not empty. The caller wipes it.</param>
    /// <param name="overwrite">Whether a file that is there is replaced.</param>
    /// <param name="cancellationToken">Ends it, leaving nothing.</param>
    public Task BackupAsync(string path, ReadOnlyMemory<char> passphrase, bool overwrite, CancellationToken cancellationToken) =>
        BackupAsync(path, passphrase, overwrite, Argon2Cost.Production, cancellationToken);

    /// <summary>The same with a cost of the caller's.</summary>
    internal Task BackupAsync(string path, ReadOnlyMemory<char> passphrase, bool overwrite, Argon2Cost cost, CancellationToken cancellationToken)
    {
        ThrowIfStopped();
        return Task.Run(() => StoreBackup.Write(_store, path, overwrite, passphrase.Span, cost, cancellationToken), cancellationToken);
    }

    /// <summary>Makes a new store from a backup. It opens as the original does, and starts fresh: no connection, no number in use.</summary>
    /// <param name="path">The backup's full path.</param>
    /// <param name="passphrase">What opens it. The caller wipes it.</param>
    /// <param name="destination">The new store's folder, which must not be there yet.</param>
    /// <param name="cancellationToken">Ends it, leaving nothing.</param>
    public static Task RestoreAsync(string path, ReadOnlyMemory<char> passphrase, string destination, CancellationToken cancellationToken) =>
        Task.Run(() => StoreBackup.Restore(path, passphrase.Span, destination, cancellationToken), cancellationToken);

    /// <summary>The folder of the store of a server of this name, when no other is given.</summary>
    /// <exception cref="ChatException">NameNotUsable.</exception>
    public static string DefaultStorePath(string name) => PeerName.IsUsable(name) ? StoreFolder.DefaultPath(name) : throw ChatErrors.NameNotUsable(name);
}
