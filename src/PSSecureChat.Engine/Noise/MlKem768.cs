using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Security;

namespace PSSecureChat.Engine.Noise;

/// <summary>The encapsulating side of ML-KEM-768 (FIPS 203), as the token ekem1 uses it.</summary>
internal static class MlKem768
{
    /// <summary>ML-KEM.Encaps (FIPS 203, algorithm 20): draws m, writes 1088 bytes of ciphertext and 32 of secret.</summary>
    /// <exception cref="HandshakeException">The key has the wrong length or fails the modulus check (FIPS 203 §7.2).</exception>
    public static void Encapsulate(
        ReadOnlySpan<byte> publicKey, IRandomSource random, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        MLKemEncapsulator encapsulator = new(MLKemParameters.ml_kem_768);
        encapsulator.Init(new ParametersWithRandom(Parse(publicKey), new SecureRandom(new Generator(random), 0)));
        encapsulator.Encapsulate(ciphertext, sharedSecret);
    }

    /// <summary>The input checks of FIPS 203 §7.2 alone, so that a bad key is refused in the message that carries it.</summary>
    /// <exception cref="HandshakeException">The key has the wrong length or fails the modulus check.</exception>
    public static void CheckPublicKey(ReadOnlySpan<byte> publicKey) => _ = Parse(publicKey);

    private static MLKemPublicKeyParameters Parse(ReadOnlySpan<byte> publicKey)
    {
        try
        {
            // FromEncoding makes both checks of FIPS 203 §7.2: the length, and that every coefficient is below q.
            return MLKemPublicKeyParameters.FromEncoding(MLKemParameters.ml_kem_768, publicKey.ToArray());
        }
        catch (ArgumentException)
        {
            throw new HandshakeException();
        }
    }

    /// <summary>Hands our random source to BouncyCastle, which draws exactly the 32 bytes m from it.</summary>
    private sealed class Generator(IRandomSource random) : IRandomGenerator
    {
        public void AddSeedMaterial(byte[] seed)
        {
        }

        public void AddSeedMaterial(ReadOnlySpan<byte> seed)
        {
        }

        public void AddSeedMaterial(long seed)
        {
        }

        public void NextBytes(byte[] bytes) => random.Fill(bytes);

        public void NextBytes(byte[] bytes, int start, int len) => random.Fill(bytes.AsSpan(start, len));

        public void NextBytes(Span<byte> bytes) => random.Fill(bytes);
    }
}

/// <summary>An ephemeral ML-KEM-768 key pair: the token e1, and who opens ekem1.</summary>
/// <remarks>
/// BouncyCastle keeps the decapsulation key in arrays that nobody can reach or wipe. The pair therefore lives only from
/// message 1 to message 2 and its reference is dropped there; the memory itself is the garbage collector's.
/// </remarks>
internal sealed class MlKem768KeyPair : IDisposable
{
    private MLKemPrivateKeyParameters? _privateKey;

    private MlKem768KeyPair(MLKemPrivateKeyParameters privateKey)
    {
        _privateKey = privateKey;
        PublicKey = privateKey.GetPublicKeyEncoded();
    }

    /// <summary>The 1184 bytes of the encapsulation key.</summary>
    public byte[] PublicKey { get; }

    /// <summary>ML-KEM.KeyGen (FIPS 203, algorithm 19); draws the 64 bytes d ‖ z in one piece.</summary>
    public static MlKem768KeyPair Generate(IRandomSource random)
    {
        byte[] seed = new byte[NoiseSizes.KemSeed];
        try
        {
            random.Fill(seed);
            return new MlKem768KeyPair(MLKemPrivateKeyParameters.FromSeed(MLKemParameters.ml_kem_768, seed));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>
    /// ML-KEM.Decaps (FIPS 203, algorithm 21). A forged ciphertext of the right length gives another secret without an
    /// error (implicit rejection); the next tag of the handshake then fails.
    /// </summary>
    /// <exception cref="HandshakeException">The ciphertext has the wrong length.</exception>
    public void Decapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        ObjectDisposedException.ThrowIf(_privateKey is null, this);
        if (ciphertext.Length != NoiseSizes.KemCiphertext)
        {
            throw new HandshakeException();
        }

        MLKemDecapsulator decapsulator = new(MLKemParameters.ml_kem_768);
        decapsulator.Init(_privateKey);
        decapsulator.Decapsulate(ciphertext, sharedSecret);
    }

    public void Dispose() => _privateKey = null;
}
