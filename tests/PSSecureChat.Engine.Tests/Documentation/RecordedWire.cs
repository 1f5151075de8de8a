using System.IO.Pipelines;

namespace PSSecureChat.Engine.Tests.Documentation;

/// <summary>One end of a connection in memory that keeps what was written to it.</summary>
internal sealed class RecordedWire : Stream
{
    private readonly Stream _incoming;
    private readonly Stream _outgoing;
    private readonly List<byte> _written = [];

    private RecordedWire(Pipe incoming, Pipe outgoing)
    {
        _incoming = incoming.Reader.AsStream();
        _outgoing = outgoing.Writer.AsStream();
    }

    /// <summary>Everything written so far.</summary>
    public byte[] Written => [.. _written];

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static (RecordedWire Dialler, RecordedWire Responder) Pair()
    {
        Pipe there = new();
        Pipe back = new();
        return (new RecordedWire(back, there), new RecordedWire(there, back));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _incoming.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _written.AddRange(buffer.Span);
        await _outgoing.WriteAsync(buffer, cancellationToken);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _incoming.Dispose();
        _outgoing.Dispose();
        base.Dispose(disposing);
    }
}
