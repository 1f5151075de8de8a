using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Bare;

/// <summary>The sending side of the bare loop: one thread that commits, seals, writes and reads acknowledgements.</summary>
internal sealed class BareSender : IDisposable
{
    /// <summary>Messages of one commit.</summary>
    public const int CommitBatch = 1024;

    /// <summary>Messages that may be on their way; fewer would let the other side run dry.</summary>
    private const int Window = 8 * CommitBatch;

    private readonly BareStore _store;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly BareRecord _out = new("out");
    private readonly BareRecord _back = new("back");
    private readonly byte[] _batch = new byte[CommitBatch * BareRecord.Message];
    private readonly byte[] _record = new byte[BareRecord.Largest];
    private readonly byte[] _ack = new byte[2 + 8 + BareRecord.Tag];
    private long _sent;
    private long _acknowledged;

    public BareSender(string folder, int port, bool indexed)
    {
        _store = new BareStore(folder, indexed);
        _socket.Connect(IPAddress.Loopback, port);
    }

    /// <summary>Sends so many messages and returns when all are acknowledged.</summary>
    public void Send(int count)
    {
        for (int left = count; left > 0;)
        {
            int now = Math.Min(left, CommitBatch);
            Store(now);
            Transmit(now);
            left -= now;
            while (_sent - _acknowledged > Window || _socket.Available >= _ack.Length)
            {
                ReadAck();
            }
        }

        while (_acknowledged < _sent)
        {
            ReadAck();
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _store.Dispose();
        _out.Dispose();
        _back.Dispose();
    }

    private void Store(int count)
    {
        _store.Begin();
        for (int i = 0; i < count; i++)
        {
            Span<byte> message = _batch.AsSpan(i * BareRecord.Message, BareRecord.Message);
            BinaryPrimitives.WriteInt64BigEndian(message, _sent + i + 1);
            Guid.CreateVersion7().TryWriteBytes(message.Slice(8, 16), bigEndian: true, out _);
            BinaryPrimitives.WriteInt64BigEndian(message[24..], DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            message[32..].Fill((byte)'x');
            _store.Insert(message);
        }

        _store.Commit();
    }

    private void Transmit(int count)
    {
        for (int i = 0; i < count; i += BareRecord.MessagesPerRecord)
        {
            int size = Math.Min(count - i, BareRecord.MessagesPerRecord) * BareRecord.Message;
            _batch.AsSpan(i * BareRecord.Message, size).CopyTo(_record.AsSpan(2));
            _socket.Send(_record.AsSpan(0, _out.Seal(_record, size)));
        }

        _sent += count;
    }

    private void ReadAck()
    {
        for (int read = 0; read < _ack.Length;)
        {
            int count = _socket.Receive(_ack.AsSpan(read));
            read += count > 0 ? count : throw new EndOfStreamException();
        }

        _acknowledged = BinaryPrimitives.ReadInt64BigEndian(_back.Open(_ack.AsSpan(2)));
    }
}
