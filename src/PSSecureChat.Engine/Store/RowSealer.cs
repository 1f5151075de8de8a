using System.Buffers.Binary;
using System.Security.Cryptography;
using PSSecureChat.Engine.Identity;

namespace PSSecureChat.Engine.Store;

/// <summary>
/// Seals values under the key of one epoch. Each opening of a store begins an epoch with 16 random bytes, so
/// the counter that is the nonce never meets the same key twice, not even after a crash or a restored backup.
/// A sealed value: epoch(4) counter(8) ciphertext tag(16). Belongs to the store's writer.
/// </summary>
internal sealed class RowSealer : IDisposable
{
    /// <summary>Bytes a seal adds.</summary>
    public const int Overhead = EpochSize + CounterSize + Limits.Tag;

    /// <summary>Bytes of an epoch's salt.</summary>
    public const int SaltSize = 16;

    internal const int EpochSize = 4;
    internal const int CounterSize = 8;
    internal const int NonceSize = 12;

    private readonly AesGcm _cipher;
    private readonly uint _epoch;
    private ulong _counter;

    public RowSealer(DataKey key, uint epoch, ReadOnlySpan<byte> salt)
    {
        _epoch = epoch;
        _cipher = CreateCipher(key, salt);
    }

    /// <summary>Seals a value for its place.</summary>
    /// <returns>The bytes written: the value's length and <see cref="Overhead"/>.</returns>
    public int Seal(ReadOnlySpan<byte> value, in RowPlace place, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        Span<byte> associated = stackalloc byte[RowPlace.Size];
        nonce[..EpochSize].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[EpochSize..], checked(++_counter));
        place.WriteTo(associated);

        BinaryPrimitives.WriteUInt32BigEndian(destination, _epoch);
        nonce[EpochSize..].CopyTo(destination[EpochSize..]);
        Span<byte> ciphertext = destination.Slice(EpochSize + CounterSize, value.Length);
        _cipher.Encrypt(nonce, value, ciphertext, destination.Slice(EpochSize + CounterSize + value.Length, Limits.Tag), associated);
        return value.Length + Overhead;
    }

    public void Dispose() => _cipher.Dispose();

    /// <summary>The cipher of an epoch: AES-256-GCM under HKDF-SHA-256(data key, salt).</summary>
    internal static AesGcm CreateCipher(DataKey key, ReadOnlySpan<byte> salt)
    {
        Span<byte> derived = stackalloc byte[DataKey.Size];
        try
        {
            key.Derive(salt, "PSSecureChat/1 rows"u8, derived);
            return new AesGcm(derived, Limits.Tag);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }
}
