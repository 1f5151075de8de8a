using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Bare;

/// <summary>
/// The receiving side of the bare loop: one thread that takes what has arrived, up to a commit's worth, stores it
/// and acknowledges. What arrives during a commit waits in the socket.
/// </summary>
internal sealed class BareReceiver(Socket listening, string folder, bool indexed) : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[BareSender.CommitBatch * BareRecord.Message * 2];
    private int _start;
    private int _end;

    public static BareReceiver Start(string folder, bool indexed, Action<int> listening)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        BareReceiver receiver = new(socket, folder, indexed);
        new Thread(receiver.Run) { IsBackground = true }.Start();
        listening(((IPEndPoint)socket.LocalEndPoint!).Port);
        return receiver;
    }

    public ValueTask DisposeAsync()
    {
        listening.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Run()
    {
        using Socket socket = listening.Accept();
        socket.NoDelay = true;
        using BareStore store = new(folder, indexed);
        using BareRecord incoming = new("out");
        using BareRecord back = new("back");
        byte[] ack = new byte[2 + 8 + BareRecord.Tag];
        long stored = 0;
        while (Fill(socket))
        {
            int inCommit = 0;
            store.Begin();
            while (inCommit < BareSender.CommitBatch && TryTake(out Span<byte> body))
            {
                for (Span<byte> left = incoming.Open(body); !left.IsEmpty; left = left[BareRecord.Message..])
                {
                    store.Insert(left[..BareRecord.Message]);
                    inCommit++;
                }
            }

            store.Commit();
            stored += inCommit;
            BinaryPrimitives.WriteInt64BigEndian(ack.AsSpan(2), stored);
            socket.Send(ack.AsSpan(0, back.Seal(ack, 8)));
        }
    }

    // Waits until a whole record is there.
    private bool Fill(Socket socket)
    {
        while (!HasRecord())
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            int count = socket.Receive(_buffer.AsSpan(_end));
            if (count == 0)
            {
                return false;
            }

            _end += count;
        }

        return true;
    }

    private bool HasRecord() =>
        _end - _start >= 2 && _end - _start >= 2 + BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));

    private bool TryTake(out Span<byte> body)
    {
        body = default;
        if (!HasRecord())
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
        body = _buffer.AsSpan(_start + 2, length);
        _start += 2 + length;
        return true;
    }
}
