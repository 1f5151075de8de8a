using System.Security.Cryptography;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Identity;

/// <summary>The 32-byte key under which a store seals everything. Owns the bytes and wipes them.</summary>
internal sealed class DataKey : IDisposable
{
    /// <summary>The length in bytes.</summary>
    public const int Size = 32;

    private readonly SecretBytes _key;

    /// <summary>Takes a copy of 32 bytes; the span stays the caller's to wipe.</summary>
    public DataKey(ReadOnlySpan<byte> key) => _key = key.Length == Size
        ? new SecretBytes(key)
        : throw new ArgumentException("A data key has 32 bytes.", nameof(key));

    private DataKey(SecretBytes key) => _key = key;

    /// <summary>The key itself, not a copy: to derive from, never to keep.</summary>
    public ReadOnlySpan<byte> Bytes => _key.Span;

    /// <summary>Draws a new data key.</summary>
    public static DataKey Generate(IRandomSource random) => new(SecretBytes.Random(Size, random));

    /// <summary>Derives another key from it by HKDF-SHA-256; also for a reader that was lent out when the store closes.</summary>
    /// <exception cref="ObjectDisposedException">The key is wiped, or was while it was read: what was derived is not its.</exception>
    public void Derive(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> destination)
    {
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key.Span, destination, salt, info);
        _key.ThrowIfWiped();
    }

    public void Dispose() => _key.Dispose();
}
