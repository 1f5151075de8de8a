using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Benchmarks.Bare;

/// <summary>Records of the bare loop: length(2) ciphertext tag(16), messages of one size in them.</summary>
internal sealed class BareRecord(string direction) : IDisposable
{
    /// <summary>A message: number(8) id(16) time(8) text(256).</summary>
    public const int Message = 8 + 16 + 8 + Contestants.Contestant.TextSize;

    /// <summary>As many messages as fit in 16 KiB, the size of the engine's records.</summary>
    public const int MessagesPerRecord = 16 * 1024 / Message;

    public const int Tag = 16;
    public const int Largest = 2 + (MessagesPerRecord * Message) + Tag;

    private readonly AesGcm _cipher = NewCipher("wire " + direction);
    private ulong _counter;

    /// <summary>Both sides make their keys from words: nothing of value is encrypted here.</summary>
    public static AesGcm NewCipher(string use) => new(SHA256.HashData(Encoding.UTF8.GetBytes(use)), Tag);

    public static void Nonce(Span<byte> nonce, ulong counter)
    {
        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], counter);
    }

    /// <summary>Seals in place: the plaintext stands from byte 2 on.</summary>
    public int Seal(Span<byte> record, int plaintext)
    {
        Span<byte> nonce = stackalloc byte[12];
        Nonce(nonce, _counter++);
        BinaryPrimitives.WriteUInt16BigEndian(record, (ushort)(plaintext + Tag));
        Span<byte> body = record.Slice(2, plaintext);
        _cipher.Encrypt(nonce, body, body, record.Slice(2 + plaintext, Tag));
        return 2 + plaintext + Tag;
    }

    /// <summary>Opens what stands behind the length, in place.</summary>
    public Span<byte> Open(Span<byte> sealedBody)
    {
        Span<byte> nonce = stackalloc byte[12];
        Nonce(nonce, _counter++);
        Span<byte> body = sealedBody[..^Tag];
        _cipher.Decrypt(nonce, body, sealedBody[^Tag..], body);
        return body;
    }

    public void Dispose() => _cipher.Dispose();
}
