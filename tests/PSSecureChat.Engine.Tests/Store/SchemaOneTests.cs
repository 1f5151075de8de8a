using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Store;

/// <summary>The store in Schema1 was made by the program as it was then: ana has written one, four (queued) and received two (read), three.</summary>
public sealed class SchemaOneTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_store_of_schema_1_keeps_all_it_has_and_takes_what_is_new()
    {
        string path = Path.Combine(_root, "ana");
        Directory.CreateDirectory(path);
        foreach (string file in new[] { "store.db", "store.key" })
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Store", "Schema1", file), Path.Combine(path, file));
        }

        for (int start = 0; start < 2; start++)
        {
            await using ChatEngine ana = await TwoPeers.StartAsync("ana", path: path);
            Assert.Equal("jw25-skkc-prg5-7t4b-rfiu-s5lp-don2-gtbo", ana.Server.Fingerprint);
            ChatPeer bob = Assert.Single(ana.GetPeers());
            Assert.Equal(("bob", "rjch-4zc7-lfok-lwdf-7k7b-6ln7-frhw-up2d", 1, 1), (bob.Name, bob.Fingerprint, bob.Unread, bob.Queued));
            Assert.Equal(
                [("one", ChatMessageState.Delivered), ("two", ChatMessageState.Read), ("three", ChatMessageState.Received), ("four", ChatMessageState.Queued)],
                ana.ReadMessages(new MessageQuery(), TwoPeers.Patience).Select(message => (message.Text, message.State)));
            Assert.NotEmpty(await ana.InviteAsync([], null, TimeSpan.FromHours(1), TwoPeers.Patience));
        }
    }
}
