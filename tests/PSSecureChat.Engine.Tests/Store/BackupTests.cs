using Microsoft.Data.Sqlite;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

public sealed class BackupTests : IDisposable
{
    private const string Passphrase = "open sesame";
    private static readonly Argon2Cost s_cost = new(8 * 1024, 1, 1);
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    private string AnaPath => Path.Combine(_root, "ana");

    private string File => Path.Combine(_root, "ana.backup");

    private string Restored => Path.Combine(_root, "restored");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_restored_store_has_identity_peers_and_messages_and_goes_on_without_loss_or_doubles()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        string fingerprint;
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: AnaPath))
        {
            fingerprint = ana.Server.Fingerprint;
            await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
            await WireTests.DeliverAsync(ana, "bob", "before");
            await WireTests.DeliverAsync(bob, "ana", "hello");
            await ana.DisconnectAsync(bob.Server.Fingerprint);
            await TwoPeers.SendAsync(ana, "bob", "queued");
            await BackUpAsync(ana);
            Assert.Empty(Directory.GetFiles(AnaPath, "snapshot-*"));

            // After the backup: bob gets the queued message, and others under numbers that the copy does not know are used.
            await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
            await WireTests.DeliverAsync(ana, "bob", "after 1");
            await WireTests.DeliverAsync(ana, "bob", "after 2");
            await WireTests.DeliverAsync(bob, "ana", "lost 1");
            await WireTests.DeliverAsync(bob, "ana", "lost 2");
            Assert.DoesNotContain(ana.StoryOf(bob.Server.Fingerprint, 0), line => line.Text.Contains("not here", StringComparison.Ordinal));
        }

        await RestoreAsync();
        await using ChatEngine again = await TwoPeers.StartAsync("ana", path: Restored);
        Assert.Equal(fingerprint, again.Server.Fingerprint);
        await again.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
        await TwoPeers.UntilAsync(() => again.StoryOf(bob.Server.Fingerprint, 0).Any(line => line.Text.Contains("2 messages that bob knows as delivered are not here", StringComparison.Ordinal)));
        await WireTests.DeliverAsync(again, "bob", "from the copy");
        await WireTests.DeliverAsync(bob, "ana", "to the copy");
        Assert.Equal(["before", "queued", "after 1", "after 2", "from the copy"], TwoPeers.Inbox(bob).Select(message => message.Text));
        Assert.Equal(["hello", "to the copy"], TwoPeers.Inbox(again).Select(message => message.Text));
    }

    [Fact]
    public async Task A_backup_under_load_is_consistent()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        await using ChatEngine ana = await TwoPeers.StartAsync("ana", path: AnaPath);
        await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
        using CancellationTokenSource enough = new();
        Task load = SendAsync();
        await ana.WaitForMessagesAsync(2_000, TwoPeers.Patience);
        await BackUpAsync(ana);
        await enough.CancelAsync();
        await load;

        async Task SendAsync()
        {
            await Task.Yield();
            ChatSender sender = ana.OpenSender();
            for (int i = 0; !enough.IsCancellationRequested; i++)
            {
                await sender.QueueAsync(bob.Server.Fingerprint, i.ToString(System.Globalization.CultureInfo.InvariantCulture), null, TwoPeers.Patience);
            }
        }

        await RestoreAsync();
        await using ChatEngine again = await TwoPeers.StartAsync("ana", path: Restored);
        List<string> texts = [.. again.ReadMessages(new MessageQuery(), TwoPeers.Patience).Select(message => message.Text)];
        Assert.True(texts.Count >= 2_000);
        Assert.Equal(Enumerable.Range(0, texts.Count).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)), texts);
    }

    [Fact]
    public async Task The_stores_own_passphrase_stays()
    {
        ChatServerOptions options = new() { Name = "ana", Address = "127.0.0.1", Path = AnaPath, Passphrase = "of the store".AsMemory() };
        await using (ChatEngine ana = await ChatEngine.StartAsync(options, TwoPeers.Patience))
        {
            await BackUpAsync(ana);
        }

        await RestoreAsync();
        Assert.Equal(ChatErrorId.PassphraseNeeded, (await Assert.ThrowsAsync<ChatException>(() => TwoPeers.StartAsync("ana", path: Restored))).ErrorId);
    }

    [Fact]
    public async Task The_files_are_for_their_owner_only_and_show_nothing()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("anastasia", path: AnaPath);
        await BackUpAsync(ana);
        await RestoreAsync();
        string bytes = System.Text.Encoding.Latin1.GetString(await System.IO.File.ReadAllBytesAsync(File, TwoPeers.Patience));
        Assert.DoesNotContain("SQLite", bytes, StringComparison.Ordinal);
        Assert.DoesNotContain("PSSC-KEY", bytes, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            foreach (string file in (string[])[File, .. Directory.GetFiles(Restored)])
            {
                Assert.Equal(mine, System.IO.File.GetUnixFileMode(file));
            }

            Assert.Equal(mine | UnixFileMode.UserExecute, new DirectoryInfo(Restored).UnixFileMode);
        }

        Assert.Equal(["ana", "ana.backup", "restored"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_wrong_passphrase_a_damaged_a_cut_and_a_newer_file_are_told_apart_and_leave_nothing()
    {
        await using (ChatEngine bob = await TwoPeers.StartAsync("bob"))
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: AnaPath))
        {
            await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
            await WireTests.DeliverAsync(ana, "bob", new string('x', 3 * BackupFile.ChunkSize));
            await BackUpAsync(ana);
        }

        byte[] whole = await System.IO.File.ReadAllBytesAsync(File, TwoPeers.Patience);
        Assert.True(whole.Length > BackupFile.HeaderSize + (3 * BackupFile.ChunkSize), "it has several chunks");
        Assert.Equal(ChatErrorId.WrongPassphrase, await ErrorOfAsync(whole, "open barley"));
        Assert.Equal(ChatErrorId.StoreTooNew, await ErrorOfAsync(Changed(whole, 8)));
        Assert.Equal(ChatErrorId.BackupDamaged, await ErrorOfAsync([1, 2, 3]));
        Assert.Equal(ChatErrorId.BackupDamaged, await ErrorOfAsync([]));
        Assert.Equal(ChatErrorId.BackupDamaged, await ErrorOfAsync([.. whole, 0]));
        foreach (int place in new[] { 0, 12, 24, 40, 47, 48, 64, 95, 96, whole.Length / 2, whole.Length - 1 })
        {
            Assert.Equal((place, ChatErrorId.BackupDamaged), (place, await ErrorOfAsync(Changed(whole, place))));
        }

        foreach (int length in new[] { 9, 95, 96, 97, BackupFile.HeaderSize + BackupFile.ChunkSize + 16, whole.Length - 1 })
        {
            Assert.Equal((length, ChatErrorId.BackupIncomplete), (length, await ErrorOfAsync(whole[..length])));
        }

        // Two chunks that change places, each whole in itself.
        byte[] swapped = [.. whole];
        const int chunk = BackupFile.ChunkSize + 16;
        whole.AsSpan(BackupFile.HeaderSize, chunk).CopyTo(swapped.AsSpan(BackupFile.HeaderSize + chunk));
        whole.AsSpan(BackupFile.HeaderSize + chunk, chunk).CopyTo(swapped.AsSpan(BackupFile.HeaderSize));
        Assert.Equal(ChatErrorId.BackupDamaged, await ErrorOfAsync(swapped));
    }

    [Fact]
    public async Task Nothing_that_is_there_is_replaced_unasked()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana", path: AnaPath);
        await BackUpAsync(ana);
        Assert.Equal(ChatErrorId.BackupExists, (await Assert.ThrowsAsync<ChatException>(() => BackUpAsync(ana))).ErrorId);
        await ana.BackupAsync(File, Passphrase.AsMemory(), overwrite: true, s_cost, TwoPeers.Patience);
        Directory.CreateDirectory(Restored);
        Assert.Equal(ChatErrorId.StoreExists, (await Assert.ThrowsAsync<ChatException>(RestoreAsync)).ErrorId);
        Assert.Equal(
            ChatErrorId.BackupNotFound,
            (await Assert.ThrowsAsync<ChatException>(() => ChatEngine.RestoreAsync(File + "x", Passphrase.AsMemory(), Restored + "x", TwoPeers.Patience))).ErrorId);
    }

    [Fact]
    public async Task An_ephemeral_server_has_nothing_to_back_up()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana");
        Assert.Equal(ChatErrorId.NothingToBackUp, (await Assert.ThrowsAsync<ChatException>(() => BackUpAsync(ana))).ErrorId);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(BackupFile.ChunkSize - 1)]
    [InlineData(BackupFile.ChunkSize)]
    [InlineData(BackupFile.ChunkSize + 1)]
    [InlineData(3 * BackupFile.ChunkSize)]
    public void A_content_of_any_length_reads_back(int length)
    {
        byte[] content = new byte[length];
        Random.Shared.NextBytes(content);
        using MemoryStream file = new();
        using BackupKey key = BackupKey.Make(Passphrase, new Argon2Cost(64, 1, 1), Engine.Noise.SystemRandomSource.Instance);
        BackupFile.Seal(new MemoryStream(content), length, file, key, TwoPeers.Patience);
        file.Position = 0;
        using Stream opened = BackupFile.Open(file, "memory", Passphrase, out long said);
        using MemoryStream copy = new();
        opened.CopyTo(copy, 1000);
        Assert.Equal(length, said);
        Assert.Equal(content, copy.ToArray());
    }

    private static byte[] Changed(byte[] bytes, int place)
    {
        byte[] changed = [.. bytes];
        changed[place] ^= 0x40;
        return changed;
    }

    private Task BackUpAsync(ChatEngine engine) => engine.BackupAsync(File, Passphrase.AsMemory(), overwrite: false, s_cost, TwoPeers.Patience);

    private Task RestoreAsync() => ChatEngine.RestoreAsync(File, Passphrase.AsMemory(), Restored, TwoPeers.Patience);

    private async Task<ChatErrorId> ErrorOfAsync(byte[] file, string passphrase = Passphrase)
    {
        string path = Path.Combine(_root, "bad.backup");
        await System.IO.File.WriteAllBytesAsync(path, file, TwoPeers.Patience);
        ChatException error = await Assert.ThrowsAsync<ChatException>(() => ChatEngine.RestoreAsync(path, passphrase.AsMemory(), Restored, TwoPeers.Patience));
        System.IO.File.Delete(path);
        Assert.Equal(["ana", "ana.backup"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName).Order());
        return error.ErrorId;
    }
}
