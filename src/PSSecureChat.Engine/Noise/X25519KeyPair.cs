using Org.BouncyCastle.Math.EC.Rfc7748;

namespace PSSecureChat.Engine.Noise;

/// <summary>
/// GENERATE_KEYPAIR and DH of Noise §12.1. Owns the private key. Agreeing is safe from several threads at once, which is
/// how a server's static key is used.
/// </summary>
/// <remarks>
/// BouncyCastle's static span methods work on the caller's memory. What they keep on their own stack (the field elements
/// of the ladder) is out of our reach and is overwritten only by later calls.
/// </remarks>
internal sealed class X25519KeyPair : IDisposable
{
    private readonly SecretBytes _privateKey;

    private X25519KeyPair(SecretBytes privateKey)
    {
        _privateKey = privateKey;
        byte[] publicKey = new byte[NoiseSizes.Dh];
        X25519.ScalarMultBase(privateKey.Span, publicKey);
        PublicKey = new X25519PublicKey(publicKey);
    }

    public X25519PublicKey PublicKey { get; }

    /// <summary>Draws 32 bytes for a new private key.</summary>
    public static X25519KeyPair Generate(IRandomSource random) => new(SecretBytes.Random(NoiseSizes.Dh, random));

    /// <summary>DH (Noise §4.1) into 32 bytes, which the caller wipes.</summary>
    /// <exception cref="HandshakeException">
    /// The result is all zeros (RFC 7748 §6.1). Not reachable with a parsed key, whose low-order points were refused; it
    /// is the second line.
    /// </exception>
    public void Agree(X25519PublicKey remote, Span<byte> sharedSecret)
    {
        if (!X25519.CalculateAgreement(_privateKey.Span, remote.Bytes, sharedSecret))
        {
            throw new HandshakeException();
        }
    }

    public void Dispose() => _privateKey.Dispose();
}
