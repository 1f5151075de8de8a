using Microsoft.Data.Sqlite;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

public sealed class StoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    private string Path => System.IO.Path.Combine(_root, "ana");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Identity_peers_messages_and_read_marks_outlive_the_server()
    {
        string fingerprint;
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: Path))
        {
            fingerprint = ana.Server.Fingerprint;
            await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
            await WireTests.DeliverAsync(ana, "bob", "one");
            await WireTests.DeliverAsync(bob, "ana", "two");
            await WireTests.DeliverAsync(bob, "ana", "three");
            await ana.MarkReadAsync([TwoPeers.Inbox(ana)[0]], TwoPeers.Patience);
        }

        await using ChatEngine again = await TwoPeers.StartAsync("ana", path: Path);
        Assert.Equal(fingerprint, again.Server.Fingerprint);
        ChatPeer peer = Assert.Single(again.GetPeers());
        Assert.Equal(("bob", 1), (peer.Name, peer.Unread));
        List<ChatMessage> all = [.. again.ReadMessages(new MessageQuery(), TwoPeers.Patience)];
        Assert.Equal([("one", ChatMessageState.Delivered), ("two", ChatMessageState.Read), ("three", ChatMessageState.Received)], all.Select(m => (m.Text, m.State)));
    }

    [Fact]
    public async Task What_was_queued_for_a_peer_that_is_away_is_delivered_when_both_are_back()
    {
        string bobPath = System.IO.Path.Combine(_root, "bob");
        int port;
        await using (ChatEngine bob = await TwoPeers.StartAsync("bob", path: bobPath))
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: Path))
        {
            port = bob.Server.Port;
            await ana.ConnectAsync("127.0.0.1", port, null, null, TwoPeers.Patience);
            await bob.StopAsync();
            ChatMessage message = await TwoPeers.SendAsync(ana, "bob", "are you there?");
            Assert.Equal(ChatMessageState.Queued, message.State);
        }

        await using ChatEngine anaAgain = await TwoPeers.StartAsync("ana", path: Path);
        await using ChatEngine bobAgain = await TwoPeers.StartAsync("bob", path: bobPath, port: port);
        await bobAgain.WaitForMessagesAsync(0, TwoPeers.Patience);
        Assert.Equal("are you there?", Assert.Single(TwoPeers.Inbox(bobAgain)).Text);
    }

    [Fact]
    public async Task A_store_in_use_names_its_owner()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana", path: Path);
        ChatException error = await Assert.ThrowsAsync<ChatException>(() => TwoPeers.StartAsync("ana", path: Path));
        Assert.Equal(ChatErrorId.StoreInUse, error.ErrorId);
        Assert.Contains($"process {Environment.ProcessId} ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_and_files_are_for_their_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes; the user's profile folder is private there.");
            return;
        }

        await using ChatEngine ana = await TwoPeers.StartAsync("ana", path: Path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(Path).UnixFileMode);
        string[] files = Directory.GetFiles(Path);
        foreach (string file in files)
        {
            Assert.Equal((file, UnixFileMode.UserRead | UnixFileMode.UserWrite), (file, File.GetUnixFileMode(file)));
        }

        Assert.Contains(files, file => file.EndsWith("store.db-wal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Neither_text_nor_names_stand_on_the_disk_in_clear()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bobadilla");
        await using (ChatEngine ana = await TwoPeers.StartAsync("anastasia", path: Path))
        {
            await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
            await WireTests.DeliverAsync(ana, "bobadilla", "the quick brown fox");
            AssertNoneOf("anastasia", "bobadilla", "quick brown", "127.0.0.1");
        }

        AssertNoneOf("anastasia", "bobadilla", "quick brown", "127.0.0.1");
    }

    [Fact]
    public async Task A_passphrase_opens_the_store_and_another_does_not()
    {
        await using (await StartWithAsync("correct horse"))
        {
        }

        Assert.Equal(ChatErrorId.WrongPassphrase, (await Assert.ThrowsAsync<ChatException>(() => StartWithAsync("battery staple"))).ErrorId);
        Assert.Equal(ChatErrorId.PassphraseNeeded, (await Assert.ThrowsAsync<ChatException>(() => StartWithAsync(""))).ErrorId);
        await using ChatEngine again = await StartWithAsync("correct horse");
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        await using (await TwoPeers.StartAsync("ana", path: Path))
        {
        }

        Sql("PRAGMA user_version = 99");
        Assert.Equal(ChatErrorId.StoreTooNew, (await Assert.ThrowsAsync<ChatException>(() => TwoPeers.StartAsync("ana", path: Path))).ErrorId);
        Sql($"PRAGMA user_version = {Schema.Newest}");
        await using ChatEngine again = await TwoPeers.StartAsync("ana", path: Path);
    }

    [Theory]
    [InlineData("store.key")]
    [InlineData("store.db")]
    public async Task A_damaged_file_is_said_to_be_damaged(string file)
    {
        await using (await TwoPeers.StartAsync("ana", path: Path))
        {
        }

        byte[] bytes = await File.ReadAllBytesAsync(System.IO.Path.Combine(Path, file), TwoPeers.Patience);
        bytes.AsSpan(8, 16).Fill(0xA5);
        await File.WriteAllBytesAsync(System.IO.Path.Combine(Path, file), bytes, TwoPeers.Patience);
        Assert.Equal(ChatErrorId.StoreDamaged, (await Assert.ThrowsAsync<ChatException>(() => TwoPeers.StartAsync("ana", path: Path))).ErrorId);
    }

    [Fact]
    public async Task Files_that_came_with_an_open_mode_are_closed_and_a_shared_folder_is_left_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode folder = open | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        await using (await TwoPeers.StartAsync("ana", path: Path))
        {
        }

        string notes = System.IO.Path.Combine(Path, "notes.txt");
        await File.WriteAllTextAsync(notes, "not of the store", TwoPeers.Patience);
        foreach (string file in Directory.GetFiles(Path))
        {
            File.SetUnixFileMode(file, open);
        }

        File.SetUnixFileMode(Path, folder);
        await using ChatEngine again = await TwoPeers.StartAsync("ana", path: Path);
        string[] files = [.. Directory.GetFiles(Path).Where(file => file != notes)];
        Assert.Superset(new HashSet<string> { "store.db", "store.db-wal", "store.db-shm", "store.key", "store.lock" }, files.Select(System.IO.Path.GetFileName).ToHashSet()!);
        foreach (string file in files)
        {
            Assert.Equal((file, UnixFileMode.UserRead | UnixFileMode.UserWrite), (file, File.GetUnixFileMode(file)));
        }

        Assert.Equal((open, folder), (File.GetUnixFileMode(notes), File.GetUnixFileMode(Path)));
    }

    [Fact]
    public async Task A_lost_key_file_is_an_error_and_not_a_new_key()
    {
        await using (await TwoPeers.StartAsync("ana", path: Path))
        {
        }

        File.Delete(System.IO.Path.Combine(Path, "store.key"));
        Assert.Equal(ChatErrorId.StoreDamaged, (await Assert.ThrowsAsync<ChatException>(() => TwoPeers.StartAsync("ana", path: Path))).ErrorId);
    }

    [Fact]
    public async Task A_sealed_row_that_was_moved_does_not_open_and_spares_the_others()
    {
        await using ChatEngine bob = await TwoPeers.StartAsync("bob");
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana", path: Path))
        {
            await ana.ConnectAsync("127.0.0.1", bob.Server.Port, null, null, TwoPeers.Patience);
            await WireTests.DeliverAsync(ana, "bob", "pay 10");
            await WireTests.DeliverAsync(ana, "bob", "pay 99");
        }

        Sql("UPDATE message SET body = (SELECT body FROM message WHERE id = 2) WHERE id = 1");
        await using ChatEngine again = await TwoPeers.StartAsync("ana", path: Path);
        List<ChatMessage> found = [.. again.ReadMessages(new MessageQuery(), TwoPeers.Patience)];
        Assert.Equal(["", "pay 99"], found.Select(message => message.Text));
        // It was delivered before it was damaged: that stays true.
        Assert.Equal((ChatMessageState.Delivered, "it does not open: the store was changed or damaged"), (found[0].State, found[0].Reason));
    }

    [Fact]
    public async Task An_ephemeral_server_writes_nothing()
    {
        string home = StoreFolder.DefaultPath("ana-who-leaves-nothing");
        await using (ChatEngine ana = await TwoPeers.StartAsync("ana-who-leaves-nothing"))
        {
            Assert.Null(ana.Server.Path);
            Assert.False(Directory.Exists(home));
        }

        Assert.False(Directory.Exists(home));
    }

    [Fact]
    public async Task A_failed_start_leaves_neither_port_nor_lock_behind()
    {
        await using ChatEngine ana = await TwoPeers.StartAsync("ana", path: Path);
        int port;
        await using (ChatEngine other = await TwoPeers.StartAsync("other"))
        {
            port = other.Server.Port;
        }

        await Assert.ThrowsAsync<ChatException>(() => TwoPeers.StartAsync("ana", path: Path, port: port));
        await using ChatEngine free = await TwoPeers.StartAsync("other", path: System.IO.Path.Combine(_root, "other"), port: port);
        await Assert.ThrowsAsync<ChatException>(() => TwoPeers.StartAsync("third", path: System.IO.Path.Combine(_root, "third"), port: port));
        Assert.False(Directory.Exists(System.IO.Path.Combine(_root, "third")));
    }

    private Task<ChatEngine> StartWithAsync(string passphrase) => ChatEngine.StartAsync(
        new ChatServerOptions { Name = "ana", Address = "127.0.0.1", Path = Path, Passphrase = passphrase.AsMemory() }, TwoPeers.Patience);

    private void Sql(string sql)
    {
        using SqliteConnection connection = new($"Data Source={System.IO.Path.Combine(Path, "store.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private void AssertNoneOf(params string[] words)
    {
        foreach (string file in Directory.GetFiles(Path))
        {
            if (System.IO.Path.GetFileName(file) is "store.lock" or "store.owner")
            {
                continue;
            }

            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using MemoryStream copy = new();
            stream.CopyTo(copy);
            string bytes = System.Text.Encoding.Latin1.GetString(copy.ToArray());
            Assert.All(words, word => Assert.DoesNotContain(word, bytes, StringComparison.Ordinal));
        }
    }
}
