using PSSecureChat.Engine.Tests.Conversations;
using PSSecureChat.Engine.Tests.Trust;

namespace PSSecureChat.Engine.Tests.Store;

/// <summary>What was removed is gone from the files of a running server.</summary>
public sealed class RemovedTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_log_in_which_it_still_stands_is_emptied(bool peerAndAll)
    {
        string path = Path.Combine(_root, "ana");
        FileInfo log = new(Path.Combine(path, "store.db-wal"));
        await using ChatEngine ana = await Party.StartAsync("ana", path: path);
        await using ChatEngine bob = await Party.StartAsync("bob");
        await bob.DialAsync(ana);
        await WireTests.DeliverAsync(bob, "ana", "secret");
        Assert.NotEqual(0, log.Length);

        if (peerAndAll)
        {
            await ana.RemoveAsync(bob.Server.Fingerprint, TwoPeers.Patience);
        }
        else
        {
            await ana.RemoveAsync([.. ana.ReadMessages(new MessageQuery(), TwoPeers.Patience)], TwoPeers.Patience);
        }

        await TwoPeers.UntilAsync(() =>
        {
            log.Refresh();
            return log.Length == 0;
        });
    }
}
