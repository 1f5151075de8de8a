using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// Reads and opens records. An idle conversation waits with a buffer for one short record, which is all that most of its reads
/// bring; a large one is held only while something larger comes. Owns the key. Belongs to the receiving loop.
/// </summary>
internal sealed class RecordReader(Stream stream, CipherState cipher) : IDisposable
{
    private const int BufferSize = 2 * Limits.MaxRecord;

    // A sign of life, an acknowledgement, a short text: one call of the system, where waiting first and reading then take two.
    private const int ShortRecord = Limits.RecordHeader + (2 * Limits.PaddingBlock) + Limits.Tag;

    private readonly byte[] _short = new byte[ShortRecord];
    private CipherState _cipher = cipher;
    private byte[]? _large;
    private int _start;
    private int _end;
    private int _used; // bytes from the buffer's start that were ever written: what has to be wiped

    private byte[] Buffer => _large ?? _short;

    /// <summary>The next record's plaintext, valid until the next call of anything here; empty when the other side has ended the connection between records.</summary>
    /// <exception cref="ProtocolException">A length out of bounds, a tag that does not fit, or an end inside a record.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> plaintext;
        while (!TryRead(out plaintext))
        {
            if (!Filled(await FillAsync(cancellationToken).ConfigureAwait(false)))
            {
                return default;
            }
        }

        return plaintext;
    }

    /// <summary>Opens the next record, if all of it has come.</summary>
    /// <param name="plaintext">Valid until the next call of anything here.</param>
    /// <exception cref="ProtocolException">A length out of bounds, or a tag that does not fit.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> plaintext)
    {
        plaintext = default;
        if (_end - _start < Limits.RecordHeader)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(Buffer.AsSpan(_start));
        if (length < Limits.PaddingBlock + Limits.Tag || length > Limits.MaxRecordPlaintext + Limits.Tag)
        {
            throw new ProtocolException("a record of an impossible length");
        }

        if (_end - _start < Limits.RecordHeader + length)
        {
            return false;
        }

        Span<byte> record = Buffer.AsSpan(_start + Limits.RecordHeader, length);
        if (!_cipher.TryDecryptWithAd(default, record, record, out int size))
        {
            throw new ProtocolException("a record that does not open");
        }

        plaintext = Buffer.AsMemory(_start + Limits.RecordHeader, size);
        _start += Limits.RecordHeader + length;
        Records++;
        Bytes += size;
        return true;
    }

    /// <summary>
    /// Waits for more bytes, when <see cref="TryRead"/> found no whole record; what comes is to be handed to <see cref="Filled"/>.
    /// It is the stream's own wait and nothing more, so that whoever waits long and often allocates nothing.
    /// </summary>
    public ValueTask<int> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            Release();
        }
        else if (_large is null)
        {
            byte[] large = ArrayPool<byte>.Shared.Rent(BufferSize);
            (int start, int end) = (_start, _end);
            _short.AsSpan(start, end - start).CopyTo(large);
            Release();
            (_large, _start, _end, _used) = (large, 0, end - start, end - start);
        }
        else if (_large.Length - _start < Limits.MaxRecord)
        {
            _large.AsSpan(_start, _end - _start).CopyTo(_large);
            (_start, _end) = (0, _end - _start);
        }

        return stream.ReadAsync(Buffer.AsMemory(_end), cancellationToken);
    }

    /// <summary>Takes what <see cref="FillAsync"/> brought.</summary>
    /// <returns>False when the other side has ended the connection between records.</returns>
    /// <exception cref="ProtocolException">An end inside a record.</exception>
    public bool Filled(int count)
    {
        if (count == 0 && _start != _end)
        {
            throw new ProtocolException("an end inside a record");
        }

        _end += count;
        _used = Math.Max(_used, _end);
        return count != 0;
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

    private void Release()
    {
        CryptographicOperations.ZeroMemory(Buffer.AsSpan(0, _used)); // not the whole of it: little would pay for 128 KB
        if (_large is not null)
        {
            ArrayPool<byte>.Shared.Return(_large);
            _large = null;
        }

        _start = _end = _used = 0;
    }
}
