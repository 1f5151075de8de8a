using System.Buffers.Binary;
using System.Security.Cryptography;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Identity;

/// <summary>How a key file protects the data key.</summary>
internal enum KeyFileKind
{
    /// <summary>In the clear; only the file's owner may read it.</summary>
    Plain = 1,

    /// <summary>Sealed by a passphrase.</summary>
    Passphrase = 2,
}

/// <summary>
/// The file that keeps a store's data key. Bytes in, bytes out; the store writes it, with mode 0600.
/// Integers are big-endian. Both kinds:
/// <code>
///   0   8  "PSSC-KEY"
///   8   1  version, 1
///   9   1  kind: 1 plain, 2 passphrase
///  10   2  zero
/// </code>
/// Kind 1, 76 bytes:
/// <code>
///  12  32  data key
///  44  32  SHA-256 of the bytes 0 to 43
/// </code>
/// Kind 2, 132 bytes:
/// <code>
///  12   4  Argon2id memory in KiB (at least 8 per lane, at most 1,048,576)
///  16   4  Argon2id iterations (1 to 10)
///  20   4  Argon2id lanes (1 to 16)
///  24  16  salt
///  40  12  nonce
///  52  48  AES-256-GCM of the data key: ciphertext and tag; associated data are the bytes 0 to 51
/// 100  32  SHA-256 of the bytes 0 to 99
/// </code>
/// The AES key is Argon2id (version 0x13, 32 bytes) of the passphrase's UTF-8. In every version the last 32 bytes are the
/// SHA-256 of all before them. That checksum only tells accidents from wrong passphrases and authenticates nothing:
/// where it does not match, the file is damaged; where it matches and the tag does not, the passphrase is wrong (or
/// somebody has rewritten the file, which opens nothing either).
/// </summary>
internal static class KeyFile
{
    private const byte Version = 1;
    private const int PrefixSize = 12;
    private const int SaltSize = 16;
    private const int SaltOffset = PrefixSize + (3 * sizeof(int));
    private const int NonceOffset = SaltOffset + SaltSize;
    private const int HeaderSize = NonceOffset + NoiseSizes.AeadNonce;
    private const int ChecksumSize = SHA256.HashSizeInBytes;
    private const int PlainSize = PrefixSize + DataKey.Size + ChecksumSize;
    private const int PassphraseSize = HeaderSize + DataKey.Size + NoiseSizes.Tag + ChecksumSize;

    private static ReadOnlySpan<byte> Magic => "PSSC-KEY"u8;

    /// <summary>A file without a passphrase. It contains the key: the caller wipes the array after writing it.</summary>
    public static byte[] SealPlain(DataKey dataKey)
    {
        byte[] file = Start(PlainSize, KeyFileKind.Plain);
        dataKey.Bytes.CopyTo(file.AsSpan(PrefixSize));
        return Finish(file);
    }

    /// <summary>A file that only the passphrase opens. Takes about as long as opening it: a second and 256 MiB.</summary>
    /// <exception cref="ArgumentException">The passphrase is empty, or the cost is below the floor or above the caps.</exception>
    public static byte[] Seal(DataKey dataKey, ReadOnlySpan<char> passphrase, Argon2Cost cost, IRandomSource random)
    {
        if (cost.MemoryKiB < Argon2Cost.MinMemoryKiBWhenWriting || !cost.IsAcceptable)
        {
            throw new ArgumentException("The cost is below the floor or above the caps.", nameof(cost));
        }

        return SealWithAnyCostForTestingOnly(dataKey, passphrase, cost, random);
    }

    /// <summary>Without the floor, so that tests need not fill 64 MiB each time.</summary>
    internal static byte[] SealWithAnyCostForTestingOnly(
        DataKey dataKey, ReadOnlySpan<char> passphrase, Argon2Cost cost, IRandomSource random)
    {
        if (passphrase.IsEmpty)
        {
            throw new ArgumentException("The passphrase is empty.", nameof(passphrase));
        }

        byte[] file = Start(PassphraseSize, KeyFileKind.Passphrase);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(PrefixSize), cost.MemoryKiB);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(PrefixSize + sizeof(int)), cost.Iterations);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(PrefixSize + (2 * sizeof(int))), cost.Parallelism);
        random.Fill(file.AsSpan(SaltOffset, SaltSize + NoiseSizes.AeadNonce));

        using AesGcm cipher = Cipher(file, passphrase, cost);
        cipher.Encrypt(
            file.AsSpan(NonceOffset, NoiseSizes.AeadNonce),
            dataKey.Bytes,
            file.AsSpan(HeaderSize, DataKey.Size),
            file.AsSpan(HeaderSize + DataKey.Size, NoiseSizes.Tag),
            file.AsSpan(0, HeaderSize));
        return Finish(file);
    }

    /// <summary>Says whether a passphrase must be asked for.</summary>
    /// <exception cref="ChatException">StoreDamaged or StoreTooNew.</exception>
    public static KeyFileKind KindOf(ReadOnlySpan<byte> file)
    {
        if (file.Length < PlainSize
            || !file.StartsWith(Magic)
            || !SHA256.HashData(file[..^ChecksumSize]).AsSpan().SequenceEqual(file[^ChecksumSize..]))
        {
            throw KeyFileErrors.Damaged();
        }

        if (file[8] > Version)
        {
            throw KeyFileErrors.TooNew();
        }

        KeyFileKind kind = (KeyFileKind)file[9];
        int size = kind switch { KeyFileKind.Plain => PlainSize, KeyFileKind.Passphrase => PassphraseSize, _ => -1 };
        if (file[8] != Version || file.Length != size || file[10] != 0 || file[11] != 0)
        {
            throw KeyFileErrors.Damaged();
        }

        return kind;
    }

    /// <summary>Opens a file of either kind. An empty passphrase is none.</summary>
    /// <exception cref="ChatException">
    /// StoreDamaged, StoreTooNew, WrongPassphrase, or PassphraseNeeded: one is needed and none was given, or the other
    /// way round.
    /// </exception>
    public static DataKey Open(ReadOnlySpan<byte> file, ReadOnlySpan<char> passphrase)
    {
        if (KindOf(file) == KeyFileKind.Plain)
        {
            return passphrase.IsEmpty
                ? new DataKey(file.Slice(PrefixSize, DataKey.Size))
                : throw KeyFileErrors.PassphraseNotUsed();
        }

        Argon2Cost cost = new(
            BinaryPrimitives.ReadInt32BigEndian(file[PrefixSize..]),
            BinaryPrimitives.ReadInt32BigEndian(file[(PrefixSize + sizeof(int))..]),
            BinaryPrimitives.ReadInt32BigEndian(file[(PrefixSize + (2 * sizeof(int)))..]));
        if (!cost.IsAcceptable)
        {
            throw KeyFileErrors.CostOutOfBounds();
        }

        if (passphrase.IsEmpty)
        {
            throw KeyFileErrors.PassphraseNeeded();
        }

        using SecretBytes key = new(DataKey.Size);
        using AesGcm cipher = Cipher(file, passphrase, cost);
        try
        {
            cipher.Decrypt(
                file.Slice(NonceOffset, NoiseSizes.AeadNonce),
                file.Slice(HeaderSize, DataKey.Size),
                file.Slice(HeaderSize + DataKey.Size, NoiseSizes.Tag),
                key.Span,
                file[..HeaderSize]);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw KeyFileErrors.WrongPassphrase();
        }

        return new DataKey(key.Span);
    }

    private static AesGcm Cipher(ReadOnlySpan<byte> file, ReadOnlySpan<char> passphrase, Argon2Cost cost)
    {
        byte[] key = GC.AllocateArray<byte>(DataKey.Size, pinned: true);
        try
        {
            cost.DeriveKey(passphrase, file.Slice(SaltOffset, SaltSize).ToArray(), key);
            return new AesGcm(key, NoiseSizes.Tag);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] Start(int size, KeyFileKind kind)
    {
        byte[] file = new byte[size];
        Magic.CopyTo(file);
        file[8] = Version;
        file[9] = (byte)kind;
        return file;
    }

    private static byte[] Finish(byte[] file)
    {
        SHA256.HashData(file.AsSpan(..^ChecksumSize), file.AsSpan(^ChecksumSize..));
        return file;
    }
}
