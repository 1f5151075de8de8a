using PSSecureChat.Engine;

namespace PSSecureChat.Engine.Tests.Conversations;

public sealed class AddressTests
{
    [Fact]
    public async Task A_peer_that_comes_back_at_another_port_finds_the_other_and_is_found()
    {
        string root = Directory.CreateTempSubdirectory("pssc-").FullName;
        string anaPath = Path.Combine(root, "ana");
        string bobPath = Path.Combine(root, "bob");
        ChatEngine ana = await TwoPeers.StartAsync("ana", path: anaPath);
        ChatEngine bob = await TwoPeers.StartAsync("bob", path: bobPath);
        try
        {
            int before = bob.Server.Port;
            await ana.ConnectAsync("127.0.0.1", before, null, null, TwoPeers.Patience);
            await bob.StopAsync();
            using System.Net.Sockets.TcpListener taken = new(System.Net.IPAddress.Loopback, before);
            taken.Start(); // nobody answers there any more
            await TwoPeers.SendAsync(ana, "bob", "to the new port");

            bob = await TwoPeers.StartAsync("bob", path: bobPath);
            Assert.NotEqual(before, bob.Server.Port);
            await TwoPeers.UntilAsync(() => TwoPeers.Inbox(bob).Count == 1); // it was Bob who found Ana

            await ana.StopAsync();
            taken.Stop();
            ana = await TwoPeers.StartAsync("ana", path: anaPath); // at a port that Bob does not know: now Ana finds Bob
            await TwoPeers.SendAsync(ana, "bob", "to where he was seen");
            await TwoPeers.UntilAsync(() => TwoPeers.Inbox(bob).Count == 2);
            Assert.Equal(["to the new port", "to where he was seen"], TwoPeers.Inbox(bob).Select(static message => message.Text));
        }
        finally
        {
            await ana.StopAsync();
            await bob.StopAsync();
            Directory.Delete(root, recursive: true);
        }
    }
}
