using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Benchmarks.Contestants;

/// <summary>The other side of <see cref="StreamContestant"/>: reads, counts, acknowledges whole messages.</summary>
internal sealed class StreamReceiver(Socket listening) : IAsyncDisposable
{
    public static StreamReceiver Start(bool tls, Action<int> listening)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        new Thread(() => Run(socket, tls)) { IsBackground = true }.Start();
        listening(((IPEndPoint)socket.LocalEndPoint!).Port);
        return new StreamReceiver(socket);
    }

    public ValueTask DisposeAsync()
    {
        listening.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Run(Socket listening, bool tls)
    {
        Socket socket = listening.Accept();
        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (tls)
        {
            SslStream secure = new(stream);
            secure.AuthenticateAsServer(TestCertificate.ServerOptions(TestCertificate.Create(), anyClient: true));
            stream = secure;
        }

        using Stream owned = stream;
        byte[] buffer = new byte[64 * 1024];
        byte[] ack = new byte[8];
        long bytes = 0;
        long acknowledged = 0;
        while (stream.Read(buffer) is > 0 and int count)
        {
            bytes += count;
            if (bytes / Contestant.TextSize > acknowledged)
            {
                acknowledged = bytes / Contestant.TextSize;
                BinaryPrimitives.WriteInt64BigEndian(ack, acknowledged);
                stream.Write(ack);
            }
        }
    }
}
