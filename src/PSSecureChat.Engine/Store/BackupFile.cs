using System.Buffers.Binary;
using System.Security.Cryptography;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Store;

/// <summary>
/// The encrypted file a backup is. Integers are big-endian:
/// <code>
///   0   8  "PSSC-BAK"
///   8   1  version, 1
///   9   3  zero
///  12   4  Argon2id memory in KiB (at least 8 per lane, at most 1,048,576)
///  16   4  Argon2id iterations (1 to 10)
///  20   4  Argon2id lanes (1 to 16)
///  24  16  salt
///  40   8  length of the content, at least 1
///  48  16  check: the AES-256-GCM tag of an empty text; nonce 12 bytes of FF, associated data the bytes 0 to 47
///  64  32  SHA-256 of the bytes 0 to 63
///  96   …  the content in chunks of 65,536 bytes, the last one as long as the rest; each is followed by its tag
/// </code>
/// The key is Argon2id (version 0x13, 32 bytes) of the passphrase's UTF-8. A chunk is AES-256-GCM with the nonce chunk number
/// (11 bytes, from 0) and 1 for the last chunk, 0 for the others (the STREAM construction), associated data the bytes 0 to 95. So chunks cannot
/// be changed, moved, dropped or added, and memory stays bounded. The checksum and the check authenticate nothing that the
/// chunks do not: they tell an accident from a wrong passphrase.
/// </summary>
internal static class BackupFile
{
    /// <summary>Bytes before the chunks.</summary>
    public const int HeaderSize = ChecksumOffset + SHA256.HashSizeInBytes;

    /// <summary>Bytes of content in a chunk.</summary>
    public const int ChunkSize = 64 * 1024;

    private const byte Version = 1;
    private const int CostOffset = 12;
    private const int SaltOffset = CostOffset + (3 * sizeof(int));
    private const int LengthOffset = SaltOffset + BackupKey.SaltSize;
    private const int CheckOffset = LengthOffset + sizeof(long);
    private const int ChecksumOffset = CheckOffset + NoiseSizes.Tag;

    private static ReadOnlySpan<byte> Magic => "PSSC-BAK"u8;

    /// <summary>Seals a content of a known length.</summary>
    /// <exception cref="EndOfStreamException">The content is shorter.</exception>
    public static void Seal(Stream content, long length, Stream file, BackupKey key, CancellationToken cancellationToken)
    {
        byte[] header = new byte[HeaderSize];
        Magic.CopyTo(header);
        header[8] = Version;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(CostOffset), key.Cost.MemoryKiB);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(CostOffset + 4), key.Cost.Iterations);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(CostOffset + 8), key.Cost.Parallelism);
        key.Salt.CopyTo(header, SaltOffset);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(LengthOffset), length);
        key.Cipher.Encrypt(CheckNonce(), default, default, header.AsSpan(CheckOffset, NoiseSizes.Tag), header.AsSpan(0, CheckOffset));
        SHA256.HashData(header.AsSpan(0, ChecksumOffset), header.AsSpan(ChecksumOffset));
        file.Write(header);

        byte[] plain = new byte[ChunkSize];
        byte[] chunk = new byte[ChunkSize + NoiseSizes.Tag];
        Span<byte> nonce = stackalloc byte[NoiseSizes.AeadNonce];
        for (long number = 0; length > 0; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(length, ChunkSize);
            content.ReadExactly(plain, 0, count);
            length -= count;
            WriteNonce(nonce, number, last: length == 0);
            key.Cipher.Encrypt(nonce, plain.AsSpan(0, count), chunk.AsSpan(0, count), chunk.AsSpan(count, NoiseSizes.Tag), header);
            file.Write(chunk, 0, count + NoiseSizes.Tag);
        }
    }

    /// <summary>Opens a file whose length is known. The stream returned authenticates as it is read.</summary>
    /// <param name="file">Stays the caller's.</param>
    /// <param name="path">For errors.</param>
    /// <param name="passphrase">What it was sealed with.</param>
    /// <param name="length">The length of the content.</param>
    /// <exception cref="ChatException">BackupDamaged, BackupIncomplete, BackupTooNew, WrongPassphrase; while reading BackupDamaged.</exception>
    public static Stream Open(Stream file, string path, ReadOnlySpan<char> passphrase, out long length)
    {
        byte[] header = new byte[HeaderSize];
        int have = file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false);
        if (!header.AsSpan(0, Math.Min(have, Magic.Length)).SequenceEqual(Magic[..Math.Min(have, Magic.Length)]) || have == 0)
        {
            throw ChatErrors.NotABackup(path);
        }

        if (have > 8 && header[8] > Version)
        {
            throw ChatErrors.BackupTooNew(path);
        }

        if (have < HeaderSize)
        {
            throw ChatErrors.BackupIncomplete(path);
        }

        if (!SHA256.HashData(header.AsSpan(0, ChecksumOffset)).AsSpan().SequenceEqual(header.AsSpan(ChecksumOffset)))
        {
            throw ChatErrors.BackupDamaged(path);
        }

        Argon2Cost cost = new(
            BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(CostOffset)),
            BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(CostOffset + 4)),
            BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(CostOffset + 8)));
        length = BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(LengthOffset));
        if (header[8] != Version || !cost.IsAcceptable || length is < 1 or > long.MaxValue / 2)
        {
            throw ChatErrors.BackupDamaged(path);
        }

        long expected = HeaderSize + length + ((length + ChunkSize - 1) / ChunkSize * NoiseSizes.Tag);
        if (file.Length != expected)
        {
            throw file.Length < expected ? ChatErrors.BackupIncomplete(path) : ChatErrors.BackupDamaged(path);
        }

        BackupKey key = BackupKey.Derive(passphrase, cost, header.AsSpan(SaltOffset, BackupKey.SaltSize).ToArray());
        try
        {
            key.Cipher.Decrypt(CheckNonce(), default, header.AsSpan(CheckOffset, NoiseSizes.Tag), default, header.AsSpan(0, CheckOffset));
        }
        catch (AuthenticationTagMismatchException)
        {
            key.Dispose();
            throw ChatErrors.WrongBackupPassphrase(path);
        }

        return new BackupContent(file, path, key.Cipher, header, length);
    }

    internal static void WriteNonce(Span<byte> nonce, long number, bool last)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[3..], number);
        nonce[11] = last ? (byte)1 : (byte)0;
    }

    private static byte[] CheckNonce()
    {
        byte[] nonce = new byte[NoiseSizes.AeadNonce];
        Array.Fill(nonce, (byte)0xFF);
        return nonce;
    }
}
