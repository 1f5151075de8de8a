using Org.BouncyCastle.Math.EC.Rfc8032;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Identity;

/// <summary>
/// Our long-term Ed25519 key pair. Owns the 32-byte seed and wipes it. Signing is safe from several threads at once.
/// </summary>
/// <remarks>
/// BouncyCastle expands the seed into arrays of its own at every signature. They are out of our reach and are left to the
/// garbage collector.
/// </remarks>
internal sealed class IdentityKeyPair : IDisposable
{
    /// <summary>The length of a seed, the private key of RFC 8032, in bytes.</summary>
    public const int SeedSize = 32;

    /// <summary>The length of a signature in bytes.</summary>
    public const int SignatureSize = 64;

    private readonly SecretBytes _seed;

    private IdentityKeyPair(SecretBytes seed)
    {
        _seed = seed;
        byte[] publicKey = new byte[IdentityKey.Size];
        Ed25519.GeneratePublicKey(seed.Span, publicKey);
        PublicKey = IdentityKey.FromTrusted(publicKey);
    }

    public IdentityKey PublicKey { get; }

    /// <summary>Draws 32 bytes for a new identity.</summary>
    public static IdentityKeyPair Generate(IRandomSource random) => new(SecretBytes.Random(SeedSize, random));

    /// <summary>Takes a copy of a stored seed; the span stays the caller's to wipe.</summary>
    /// <exception cref="ArgumentException">The seed has not 32 bytes.</exception>
    public static IdentityKeyPair FromSeed(ReadOnlySpan<byte> seed) => seed.Length == SeedSize
        ? new IdentityKeyPair(new SecretBytes(seed))
        : throw new ArgumentException("A seed has 32 bytes.", nameof(seed));

    /// <summary>Signs with pure Ed25519 (RFC 8032 §5.1.6) into 64 bytes.</summary>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature) =>
        Ed25519.Sign(_seed.Span, PublicKey.Bytes, message, signature[..SignatureSize]);

    /// <summary>Gives the private key away, for the store to seal it. The caller wipes the 32 bytes.</summary>
    public void ExportSecretSeedForSealing(Span<byte> destination) => _seed.Span.CopyTo(destination);

    public void Dispose() => _seed.Dispose();

    public override string ToString() => PublicKey.Fingerprint;
}
