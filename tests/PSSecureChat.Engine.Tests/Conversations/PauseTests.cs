using System.Net;
using System.Net.Sockets;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Tests.Trust;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Conversations;

/// <summary>Who is dialled again and who is not.</summary>
public class PauseTests
{
    // The end of the older conversation and the newer one come at once, in either order.
    [Fact]
    public async Task Who_disconnects_and_dials_anew_is_dialled_again_once_that_connection_is_lost()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        await using ChatEngine ana = await Party.StartAsync("ana", limits: Party.Quick with { Simultaneous = TimeSpan.Zero });
        Task<ChatPeer> dialling = ana.DialAsync(((IPEndPoint)listener.LocalEndpoint).Port);
        RawPeer older = await RawPeer.AcceptAsync(listener, identity);
        await older.ResumeAsync();
        await dialling;
        for (int i = 0; i < 20; i++)
        {
            RawPeer newer = await RawPeer.DialAsync(ana.Server.Port, identity);
            await Task.WhenAll(older.CloseAsync(CloseReason.Disconnected), newer.PingAsync());
            await newer.UntilAsync(RawPeer.IsHello);
            await newer.ResumeAsync();
            await newer.UntilAsync<ResumeFrame>();
            await older.DisposeAsync();
            await newer.DisposeAsync();

            older = await RawPeer.AcceptAsync(listener, identity);
            await older.ResumeAsync();
            await older.UntilAsync<ResumeFrame>();
        }

        await older.DisposeAsync();
    }
}
