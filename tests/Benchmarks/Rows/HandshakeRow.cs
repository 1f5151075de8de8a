using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Benchmarks.Contestants;
using PSSecureChat.Engine;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace Benchmarks.Rows;

/// <summary>
/// Connections a second, one after the other, both sides in this process: with our handshake, with mutual TLS 1.3,
/// with neither. Each is closed before the next begins.
/// </summary>
internal static class HandshakeRow
{
    private const int PerRound = 200;

    private delegate Task Shake(Stream stream);

    public static async Task RunAsync(Options options, Table table)
    {
        using LocalParty ana = Party("ana");
        using LocalParty bob = Party("bob");
        using X509Certificate2 anaCertificate = TestCertificate.Create();
        using X509Certificate2 bobCertificate = TestCertificate.Create();
        SslClientAuthenticationOptions client = TestCertificate.ClientOptions(anaCertificate, pinned: bobCertificate);
        SslServerAuthenticationOptions server = TestCertificate.ServerOptions(bobCertificate, pinned: anaCertificate);
        SslClientAuthenticationOptions preparedClient = TestCertificate.PreparedClientOptions(anaCertificate, bobCertificate);
        SslServerAuthenticationOptions preparedServer = TestCertificate.PreparedServerOptions(bobCertificate, anaCertificate);

        (string Name, Shake Dial, Shake Answer)[] contestants =
        [
            ("engine", stream => DialAsync(stream, ana, bob.Identity), stream => AcceptAsync(stream, bob)),
            ("SslStream, TLS 1.3, client certificates", stream => TlsAsync(stream, tls => tls.AuthenticateAsClientAsync(client)), stream => TlsAsync(stream, tls => tls.AuthenticateAsServerAsync(server))),
            ("SslStream, contexts made once, chain by policy", stream => TlsAsync(stream, tls => tls.AuthenticateAsClientAsync(preparedClient)), stream => TlsAsync(stream, tls => tls.AuthenticateAsServerAsync(preparedServer))),
            ("TCP connect alone", _ => Task.CompletedTask, _ => Task.CompletedTask),
        ];
        List<Figures> figures = [.. contestants.Select(one => new Figures(one.Name))];
        using Socket listening = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        await Alternate.RoundsAsync(options.Rounds, contestants, async (i, counts) =>
        {
            long start = Stopwatch.GetTimestamp();
            for (int n = 0; n < PerRound; n++)
            {
                await ConnectAsync(listening, contestants[i].Dial, contestants[i].Answer);
            }

            if (counts)
            {
                figures[i].Add(PerRound / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        });
        table.Add("handshakes one after the other, both certificates checked", "a second", figures, new Goal(contestants[1].Name, 1.5, AtLeast: true));
    }

    private static LocalParty Party(string name) =>
        new(IdentityKeyPair.Generate(SystemRandomSource.Instance), TimeProvider.System, SystemRandomSource.Instance) { Profile = new Profile(name, [], 1) };

    private static async Task ConnectAsync(Socket listening, Shake dial, Shake answer)
    {
        using Socket dialling = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await dialling.ConnectAsync(listening.LocalEndPoint!);
        using Socket answering = await listening.AcceptAsync();
        answering.NoDelay = true;
        Task accepted = answer(new NetworkStream(answering));
        await dial(new NetworkStream(dialling));
        await accepted;
    }

    private static async Task DialAsync(Stream stream, LocalParty local, IdentityKey expected)
    {
        using SecureSession session = await Handshake.DialAsync(
            stream, local, new PeerAddress("127.0.0.1", 1), null, shown => Check(shown == expected), CancellationToken.None);
    }

    private static async Task AcceptAsync(Stream stream, LocalParty local)
    {
        using InvitationBook none = new([], 0, TimeProvider.System);
        using SecureSession? session = await Handshake.AcceptAsync(stream, local, none, silent: false, "127.0.0.1", CancellationToken.None);
        Check(session is not null);
    }

    private static async Task TlsAsync(Stream stream, Func<SslStream, Task> shake)
    {
        await using SslStream tls = new(stream);
        await shake(tls);
        Check(tls.IsMutuallyAuthenticated);
    }

    private static void Check(bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException("The handshake failed.");
        }
    }
}
