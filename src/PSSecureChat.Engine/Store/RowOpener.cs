using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using PSSecureChat.Engine.Identity;

namespace PSSecureChat.Engine.Store;

/// <summary>Opens sealed values of every epoch. Belongs to one connection's owner; keeps a cipher an epoch.</summary>
internal sealed class RowOpener(SqliteConnection connection, DataKey key) : IDisposable
{
    private readonly Dictionary<uint, AesGcm> _ciphers = [];

    /// <summary>Opens a value at its place.</summary>
    /// <returns>The bytes written.</returns>
    /// <exception cref="CryptographicException">The value was changed, moved, or sealed under another key.</exception>
    public int Open(ReadOnlySpan<byte> sealedValue, in RowPlace place, Span<byte> destination)
    {
        int length = sealedValue.Length - RowSealer.Overhead;
        if (length < 0)
        {
            throw new CryptographicException("A sealed value is too short.");
        }

        Span<byte> nonce = stackalloc byte[RowSealer.NonceSize];
        Span<byte> associated = stackalloc byte[RowPlace.Size];
        nonce[..RowSealer.EpochSize].Clear();
        sealedValue.Slice(RowSealer.EpochSize, RowSealer.CounterSize).CopyTo(nonce[RowSealer.EpochSize..]);
        place.WriteTo(associated);

        ReadOnlySpan<byte> body = sealedValue[(RowSealer.EpochSize + RowSealer.CounterSize)..];
        CipherOf(BinaryPrimitives.ReadUInt32BigEndian(sealedValue)).Decrypt(nonce, body[..length], body[length..], destination[..length], associated);
        return length;
    }

    /// <summary>Opens a small value into an array of its own.</summary>
    public byte[] Open(ReadOnlySpan<byte> sealedValue, in RowPlace place)
    {
        byte[] value = new byte[Math.Max(0, sealedValue.Length - RowSealer.Overhead)];
        Open(sealedValue, place, value);
        return value;
    }

    public void Dispose()
    {
        foreach (AesGcm cipher in _ciphers.Values)
        {
            cipher.Dispose();
        }
    }

    private AesGcm CipherOf(uint epoch)
    {
        if (_ciphers.TryGetValue(epoch, out AesGcm? cipher))
        {
            return cipher;
        }

        using Statement salt = new(connection, "SELECT salt FROM epoch WHERE id = ?1");
        cipher = salt.Bind(1, epoch).Step()
            ? RowSealer.CreateCipher(key, salt.Blob(0))
            : throw new CryptographicException("A value was sealed in an unknown epoch.");
        _ciphers.Add(epoch, cipher);
        return cipher;
    }
}
