using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Benchmarks.Bare;

namespace Benchmarks.Contestants;

/// <summary>
/// A plain or TLS stream with the same message sizes: written in batches of a record's size, acknowledged by the
/// other process once read. Nothing is stored.
/// </summary>
internal sealed class StreamContestant : Contestant
{
    public const string Tcp = "raw TCP";
    public const string Ssl = "SslStream";

    private readonly OtherProcess _other;
    private readonly Stream _stream;
    private readonly byte[] _batch = new byte[BareRecord.MessagesPerRecord * TextSize];
    private readonly byte[] _ack = new byte[8];
    private long _sent;

    public StreamContestant(string name)
        : base(name + ", nothing stored")
    {
        _other = OtherProcess.Start(name, "");
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, _other.Port);
        _stream = new NetworkStream(socket, ownsSocket: true);
        if (name == Ssl)
        {
            SslStream tls = new(_stream);
            tls.AuthenticateAsClient(TestCertificate.ClientOptions(TestCertificate.Create(), anyServer: true));
            _stream = tls;
        }
    }

    public override Task SendAsync(int count)
    {
        _sent += count;
        for (int left = count; left > 0;)
        {
            int now = Math.Min(left, BareRecord.MessagesPerRecord);
            _stream.Write(_batch, 0, now * TextSize);
            left -= now;
        }

        do
        {
            _stream.ReadExactly(_ack);
        }
        while (BinaryPrimitives.ReadInt64BigEndian(_ack) < _sent);
        return Task.CompletedTask;
    }

    public override void Dispose()
    {
        _stream.Dispose();
        _other.Dispose();
    }
}
