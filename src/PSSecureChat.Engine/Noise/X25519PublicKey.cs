using System.Diagnostics.CodeAnalysis;

namespace PSSecureChat.Engine.Noise;

/// <summary>An X25519 public key (RFC 7748) that is canonical and not of low order. Immutable.</summary>
internal sealed class X25519PublicKey : IEquatable<X25519PublicKey>
{
    // The canonical u-coordinates whose points have an order that divides 8, on the curve or its twist. RFC 7748 §6.1
    // asks for the result to be compared with zero; refusing the input refuses them before any work is done, too.
    private static readonly byte[][] LowOrder =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        Convert.FromHexString("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    private readonly byte[] _bytes;

    /// <summary>For a key this program has just computed.</summary>
    internal X25519PublicKey(byte[] trusted) => _bytes = trusted;

    /// <summary>The 32 bytes as they travel.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Takes 32 bytes from outside, if they are a key one should compute with.</summary>
    /// <remarks>
    /// RFC 7748 lets a receiver reduce u ≥ p and ignore the top bit. Then one key has several encodings, and whatever is
    /// bound to the bytes (a certificate, a hash) is no longer bound to the key. So only the canonical one is taken.
    /// </remarks>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out X25519PublicKey? key)
    {
        key = null;
        if (bytes.Length != NoiseSizes.Dh || !IsCanonical(bytes))
        {
            return false;
        }

        foreach (byte[] point in LowOrder)
        {
            if (bytes.SequenceEqual(point))
            {
                return false;
            }
        }

        key = new X25519PublicKey(bytes.ToArray());
        return true;
    }

    public bool Equals(X25519PublicKey? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as X25519PublicKey);

    public override int GetHashCode() => BitConverter.ToInt32(_bytes, 0);

    public override string ToString() => Convert.ToHexString(_bytes);

    // p = 2^255 - 19 is ed ff .. ff 7f in little-endian order. The bytes are public, so this need not be constant in time.
    private static bool IsCanonical(ReadOnlySpan<byte> u) =>
        u[31] < 0x7F || (u[31] == 0x7F && (u[0] < 0xED || u[1..31].ContainsAnyExcept((byte)0xFF)));
}
