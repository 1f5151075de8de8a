using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

/// <summary>What becomes of a store whose opening, copying or restoring nobody waits for any more.</summary>
public sealed class StoreOpeningTests : IDisposable
{
    private static readonly CancellationToken s_cancelled = new(canceled: true);
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    private string StorePath => Path.Combine(_root, "store");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Who_gives_up_waits_no_longer_and_the_next_one_waits_until_the_store_is_free()
    {
        using ManualResetEventSlim begun = new();
        using ManualResetEventSlim derived = new();
        using CancellationTokenSource stop = new();
        Task<ChatStore> first = StoreOpening.RunAsync(
            StorePath,
            () =>
            {
                begun.Set();
                derived.Wait(TwoPeers.Patience);
                return Open(default, TwoPeers.Patience); // as if it had looked at the token just before
            },
            stop.Token);
        begun.Wait(TwoPeers.Patience);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(TwoPeers.Patience));

        using CancellationTokenSource impatient = new();
        Task<ChatStore> second = StoreOpening.RunAsync(StorePath, () => Open(default, TwoPeers.Patience), impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(TwoPeers.Patience));

        Task<ChatStore> third = StoreOpening.RunAsync(StorePath, () => Open(default, TwoPeers.Patience), TwoPeers.Patience);
        Assert.False(third.IsCompleted);
        derived.Set();
        await using ChatStore store = await third;
        Assert.Equal(StorePath, store.Path);
    }

    [Fact]
    public async Task A_new_store_whose_key_was_derived_for_nothing_is_not_begun()
    {
        Assert.Throws<OperationCanceledException>(() => Open("wiped meanwhile", s_cancelled));

        Assert.Equal(["store.lock"], Directory.GetFileSystemEntries(StorePath).Select(Path.GetFileName));
        await using ChatStore store = Open("another", TwoPeers.Patience);
    }

    [Fact]
    public async Task A_backup_whose_key_was_derived_for_nothing_makes_no_file_and_a_restoring_no_store()
    {
        string backup = Path.Combine(_root, "backup");
        Argon2Cost cheap = new(64, 1, 1);
        await using ChatStore store = Open(default, TwoPeers.Patience);
        Assert.Throws<OperationCanceledException>(() => StoreBackup.Write(store, backup, overwrite: false, "wiped meanwhile", cheap, s_cancelled));
        Assert.Equal(["store"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
        Assert.Empty(Directory.GetFiles(StorePath, "snapshot*"));

        StoreBackup.Write(store, backup, overwrite: false, "right", cheap, TwoPeers.Patience);
        Assert.Throws<OperationCanceledException>(() => StoreBackup.Restore(backup, "right", Path.Combine(_root, "restored"), s_cancelled));
        Assert.Equal(["backup", "store"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName).Order());
    }

    private ChatStore Open(string? passphrase, CancellationToken cancellationToken) =>
        ChatStore.Open(StorePath, passphrase, Limits.Default, TimeProvider.System, static () => { }, static _ => { }, cancellationToken);
}
