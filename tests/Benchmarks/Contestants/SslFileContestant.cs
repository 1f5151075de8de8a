using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Benchmarks.Contestants;

/// <summary>A TLS stream copied to a file by the other process; nothing is hashed. Brought to the disk or left to the system.</summary>
internal sealed class SslFileContestant : FileContestant
{
    public const string Plain = "SslStream to a file";
    public const string Flushed = Plain + ", brought to the disk";
    public const string Kind = "ssl-file";
    public const string FlushedKind = "ssl-file-flushed";

    private const int BufferSize = 128 * 1024;
    private readonly OtherProcess _other;
    private readonly SslStream _stream;

    public SslFileContestant(ScratchFolder scratch, bool flush)
        : base(flush ? Flushed : Plain, scratch.Make(flush ? FlushedKind : Kind))
    {
        _other = OtherProcess.Start(flush ? FlushedKind : Kind, Path.Combine(scratch.Path, flush ? FlushedKind : Kind));
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, _other.Port);
        _stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        _stream.AuthenticateAsClient(TestCertificate.ClientOptions(TestCertificate.Create(), anyServer: true));
    }

    public static IAsyncDisposable Answer(string folder, bool flush, Action<int> listening)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        new Thread(() => Run(socket, folder, flush)) { IsBackground = true }.Start();
        listening(((IPEndPoint)socket.LocalEndPoint!).Port);
        return new Listening(socket);
    }

    public override async Task SendAsync(string path)
    {
        byte[] number = new byte[8];
        await using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        BinaryPrimitives.WriteInt64BigEndian(number, file.Length);
        await _stream.WriteAsync(number);
        await file.CopyToAsync(_stream, BufferSize);
        await _stream.ReadExactlyAsync(number);
    }

    public override void Dispose()
    {
        _stream.Dispose();
        _other.Dispose();
    }

    private static void Run(Socket listening, string folder, bool flush)
    {
        using SslStream stream = new(new NetworkStream(listening.Accept(), ownsSocket: true));
        stream.AuthenticateAsServer(TestCertificate.ServerOptions(TestCertificate.Create(), anyClient: true));
        byte[] buffer = new byte[BufferSize];
        byte[] number = new byte[8];
        while (stream.ReadAtLeast(number, number.Length, throwOnEndOfStream: false) == number.Length)
        {
            using (FileStream file = new(Path.Combine(folder, "arrived"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                for (long left = BinaryPrimitives.ReadInt64BigEndian(number); left > 0;)
                {
                    int count = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
                    file.Write(buffer, 0, count);
                    left -= count;
                }

                file.Flush(flush);
            }

            stream.Write(number);
        }
    }

    private sealed class Listening(Socket socket) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
