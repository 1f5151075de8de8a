using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// Reads and opens records. An idle conversation holds no buffer and waits with an empty read. Owns the key. Belongs to the receiving loop.
/// </summary>
internal sealed class RecordReader(Stream stream, CipherState cipher) : IDisposable
{
    private CipherState _cipher = cipher;
    private const int BufferSize = 2 * Limits.MaxRecord;
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private int _used; // bytes from the buffer's start that were ever written: what has to be wiped

    /// <summary>
    /// Completes when there are bytes to read, or the connection has ended. Until then no buffer is held, and nothing but
    /// the stream's own wait: call it before <see cref="ReadAsync"/> where the next record may be long in coming.
    /// </summary>
    public ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        if (_start != _end)
        {
            return ValueTask.FromResult(0);
        }

        Release();
        return stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
    }

    /// <summary>The next record's plaintext, valid until the next call; empty when the other side has ended the connection between records.</summary>
    /// <exception cref="ProtocolException">A length out of bounds, a tag that does not fit, or an end inside a record.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryOpen(out ReadOnlyMemory<byte> plaintext))
            {
                return plaintext;
            }

            if (_start == _end)
            {
                _buffer ??= ArrayPool<byte>.Shared.Rent(BufferSize);
                (_start, _end) = (0, 0);
            }
            else if (_buffer!.Length - _start < Limits.MaxRecord)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return _start == _end ? ReadOnlyMemory<byte>.Empty : throw new ProtocolException("an end inside a record");
            }

            _end += count;
            _used = Math.Max(_used, _end);
        }
    }

    /// <summary>Records opened under this key.</summary>
    public long Records { get; private set; }

    /// <summary>Bytes opened under this key.</summary>
    public long Bytes { get; private set; }

    /// <summary>The next record is under another key; the old one is wiped.</summary>
    public void SwitchTo(CipherState next)
    {
        _cipher.Dispose();
        _cipher = next;
        (Records, Bytes) = (0, 0);
    }

    public void Dispose()
    {
        _cipher.Dispose();
        Release();
    }

    private bool TryOpen(out ReadOnlyMemory<byte> plaintext)
    {
        plaintext = default;
        if (_end - _start < Limits.RecordHeader)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
        if (length < Limits.PaddingBlock + Limits.Tag || length > Limits.MaxRecordPlaintext + Limits.Tag)
        {
            throw new ProtocolException("a record of an impossible length");
        }

        if (_end - _start < Limits.RecordHeader + length)
        {
            return false;
        }

        Span<byte> record = _buffer.AsSpan(_start + Limits.RecordHeader, length);
        if (!_cipher.TryDecryptWithAd(default, record, record, out int size))
        {
            throw new ProtocolException("a record that does not open");
        }

        plaintext = _buffer.AsMemory(_start + Limits.RecordHeader, size);
        _start += Limits.RecordHeader + length;
        Records++;
        Bytes += size;
        return true;
    }

    private void Release()
    {
        if (_buffer is not null)
        {
            CryptographicOperations.ZeroMemory(_buffer.AsSpan(0, _used)); // not the whole of it: a ping would pay for 128 KB
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }

        _start = _end = _used = 0;
    }
}
