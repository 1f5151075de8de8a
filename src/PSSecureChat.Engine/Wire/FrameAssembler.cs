using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace PSSecureChat.Engine.Wire;

/// <summary>
/// Takes the plaintexts of records in order and finds the frames in them. Frames follow each other without
/// gaps and may cross records; after the last whole frame of a record a zero byte begins padding, which
/// must be zeros to the record's end. Memory: at most one frame that is not yet whole, and of that no more than
/// twice what has come: to announce a large frame costs nothing.
/// </summary>
/// <param name="share">Where memory beyond a small frame's is asked for; null to take it unasked.</param>
internal sealed class FrameAssembler(PartialFrames.Share? share = null) : IDisposable
{
    private const int MaxHeader = 5;
    private byte[]? _partial; // header and body of the frame that crosses records, as far as they have come
    private int _filled;
    private int _expected; // header and body; 0 while the header itself is incomplete

    /// <summary>Whether the last record ended with a whole frame.</summary>
    public bool IsAtBoundary => _partial is null;

    /// <summary>Takes one record's plaintext and hands every frame that is whole to the handler.</summary>
    /// <exception cref="ProtocolException">The bytes break the protocol.</exception>
    /// <exception cref="NoRoomException">Other conversations hold all the memory there is for large frames.</exception>
    public void Take(ReadOnlyMemory<byte> plaintext, IFrameHandler handler)
    {
        if (plaintext.IsEmpty || plaintext.Length % Limits.PaddingBlock != 0)
        {
            throw new ProtocolException("a record that is not padded");
        }

        if (_partial is not null)
        {
            plaintext = Continue(plaintext, handler);
        }

        while (!plaintext.IsEmpty && !handler.HasEnded)
        {
            if (plaintext.Span[0] == 0)
            {
                CheckPadding(plaintext.Span);
                return;
            }

            int header = HeaderLength(plaintext.Span[0]);
            int total = plaintext.Length < header ? 0 : header + BodyLength(plaintext.Span, handler);
            if (total == 0 || total > plaintext.Length)
            {
                Keep(plaintext, total);
                return;
            }

            FrameDecoder.Decode(plaintext[header..total], handler);
            plaintext = plaintext[total..];
        }
    }

    public void Dispose()
    {
        Release();
    }

    private ReadOnlyMemory<byte> Continue(ReadOnlyMemory<byte> plaintext, IFrameHandler handler)
    {
        if (_expected == 0)
        {
            int header = HeaderLength(_partial![0]);
            int missing = Math.Min(header - _filled, plaintext.Length);
            Append(plaintext.Span[..missing]);
            plaintext = plaintext[missing..];
            _expected = header + BodyLength(_partial.AsSpan(0, _filled), handler);
        }

        int count = Math.Min(_expected - _filled, plaintext.Length);
        Append(plaintext.Span[..count]);
        if (_filled == _expected)
        {
            FrameDecoder.Decode(_partial.AsMemory(HeaderLength(_partial![0]), _expected - HeaderLength(_partial[0])), handler);
            Release();
        }

        return plaintext[count..];
    }

    private void Keep(ReadOnlyMemory<byte> plaintext, int total)
    {
        _expected = total;
        _filled = 0;
        Append(plaintext.Span);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(_filled + bytes.Length);
        bytes.CopyTo(_partial.AsSpan(_filled));
        _filled += bytes.Length;
    }

    private void Reserve(int needed)
    {
        int length = _partial?.Length ?? 0;
        if (length >= needed && length > 0)
        {
            return;
        }

        int size = Math.Min(Math.Max(_expected, MaxHeader), Math.Max(needed, Math.Max(Limits.PartialFrameFree, 2 * length)));
        int rented = (int)BitOperations.RoundUpToPowerOf2((uint)size); // what the pool hands out
        if (rented > Limits.PartialFrameFree && share is not null && !share.TryHold(rented))
        {
            throw new NoRoomException();
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _partial.AsSpan(0, _filled).CopyTo(larger);
        Return();
        _partial = larger;
    }

    private void Release()
    {
        Return();
        share?.Release();
    }

    private void Return()
    {
        if (_partial is not null)
        {
            CryptographicOperations.ZeroMemory(_partial.AsSpan(0, _filled)); // not the whole of it: a small frame would pay for a large array
            ArrayPool<byte>.Shared.Return(_partial);
            _partial = null;
        }
    }

    // The header of a definite-length CBOR byte string (RFC 8949, section 3, major type 2).
    private static int HeaderLength(byte first) => first switch
    {
        >= 0x41 and < 0x58 => 1,
        0x58 => 2,
        0x59 => 3,
        0x5A => 5,
        _ => throw new ProtocolException("bytes that do not begin a frame"),
    };

    private static int BodyLength(ReadOnlySpan<byte> header, IFrameHandler handler)
    {
        uint length = header[0] switch
        {
            < 0x58 => (uint)(header[0] - 0x40),
            0x58 => header[1],
            0x59 => BinaryPrimitives.ReadUInt16BigEndian(header[1..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(header[1..]),
        };
        return length > 0 && length <= handler.LargestFrame ? (int)length : throw new ProtocolException("a frame too long or empty");
    }

    private static void CheckPadding(ReadOnlySpan<byte> rest)
    {
        if (rest.ContainsAnyExcept((byte)0))
        {
            throw new ProtocolException("padding that is not zeros");
        }
    }
}
