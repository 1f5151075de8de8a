using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Network;

/// <summary>
/// Gathers frames and seals them into records: as many frames a record as wait together, a frame over several
/// records when it is large. Holds buffers only while something is being sent. Owns the key. Belongs to the sending loop.
/// </summary>
internal sealed class RecordBuilder(CipherState cipher) : IDisposable
{
    private CipherState _cipher = cipher;
    private byte[]? _plain;
    private int _length;
    private int _used; // bytes of _plain that were ever written: what has to be wiped
    private byte[]? _sealed;

    /// <summary>Bytes of frames gathered.</summary>
    public int Length => _length;

    /// <summary>Memory for a frame of at most this many bytes; say with <see cref="Advance"/> how many it took.</summary>
    public Span<byte> GetSpan(int most)
    {
        int needed = _length + most + Limits.PaddingBlock;
        if (_plain is null || _plain.Length < needed)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * Limits.RecordTarget));
            _plain.AsSpan(0, _length).CopyTo(larger);
            ReleasePlain();
            _plain = larger;
        }

        return _plain.AsSpan(_length, most);
    }

    public void Advance(int count) => _length += count;

    /// <summary>Seals what was gathered. The memory is valid until the next call of anything here.</summary>
    public ReadOnlyMemory<byte> Seal()
    {
        int padded = (_length + Limits.PaddingBlock - 1) / Limits.PaddingBlock * Limits.PaddingBlock;
        _plain.AsSpan(_length, padded - _length).Clear();
        _used = Math.Max(_used, padded);
        int records = (padded + Limits.MaxRecordPlaintext - 1) / Limits.MaxRecordPlaintext;
        int total = padded + (records * (Limits.RecordHeader + Limits.Tag));
        if (_sealed is null || _sealed.Length < total)
        {
            ReleaseSealed();
            _sealed = ArrayPool<byte>.Shared.Rent(total);
        }

        int written = 0;
        for (int offset = 0; offset < padded;)
        {
            int size = Math.Min(padded - offset, Limits.MaxRecordPlaintext);
            int length = _cipher.EncryptWithAd(default, _plain.AsSpan(offset, size), _sealed.AsSpan(written + Limits.RecordHeader));
            BinaryPrimitives.WriteUInt16BigEndian(_sealed.AsSpan(written), (ushort)length);
            written += Limits.RecordHeader + length;
            offset += size;
            Records++;
            Bytes += size;
        }

        _length = 0;
        return _sealed.AsMemory(0, written);
    }

    /// <summary>Gives the buffers back until there is something to send again.</summary>
    public void Release()
    {
        ReleasePlain();
        ReleaseSealed();
    }

    /// <summary>Records sealed under this key.</summary>
    public long Records { get; private set; }

    /// <summary>Bytes sealed under this key.</summary>
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

    private void ReleasePlain()
    {
        if (_plain is not null)
        {
            CryptographicOperations.ZeroMemory(_plain.AsSpan(0, Math.Max(_used, _length)));
            ArrayPool<byte>.Shared.Return(_plain);
            _plain = null;
        }

        _used = 0;
    }

    // Ciphertext is no secret.
    private void ReleaseSealed()
    {
        if (_sealed is not null)
        {
            ArrayPool<byte>.Shared.Return(_sealed);
            _sealed = null;
        }
    }
}
