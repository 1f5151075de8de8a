namespace PSSecureChat.Faults.Fuzz;

/// <summary>A connection whose other side has said everything already: gives out bytes, then ends; keeps nothing of what is written.</summary>
/// <param name="script">What is read. Asked for at the first read, when what was written is known.</param>
internal sealed class ScriptedStream(Func<ReadOnlyMemory<byte>, byte[]> script) : Stream
{
    private readonly MemoryStream _written = new();
    private ReadOnlyMemory<byte>? _left;

    public ScriptedStream(byte[] script)
        : this(_ => script)
    {
    }

    /// <summary>What comes when everything was read, given what was written; null at the end.</summary>
    public Func<ReadOnlyMemory<byte>, byte[]?>? More { get; init; }

    /// <summary>How many bytes were written.</summary>
    public long Written => _written.Length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        _left ??= script(_written.ToArray());
        if (_left.Value.IsEmpty && !buffer.IsEmpty && More?.Invoke(_written.ToArray()) is byte[] more)
        {
            _left = more;
        }

        int count = Math.Min(buffer.Length, _left.Value.Length);
        _left.Value.Span[..count].CopyTo(buffer);
        _left = _left.Value[count..];
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _written.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Write(byte[] buffer, int offset, int count) => _written.Write(buffer, offset, count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
