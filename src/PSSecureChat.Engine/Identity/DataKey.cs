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

    public void Dispose() => _key.Dispose();
}
