using System.Security.Cryptography;
using System.Text;

namespace PSSecureChat.Engine.Noise;

/// <summary>SymmetricState of Noise §5.2 with SHA-256: a chaining key ck, a handshake hash h and a CipherState.</summary>
internal sealed class SymmetricState : IDisposable
{
    private readonly SecretBytes _chainingKey = new(NoiseSizes.Hash);
    private readonly byte[] _hash = new byte[NoiseSizes.Hash];
    private readonly CipherState _cipher = new();
    private readonly IncrementalHash _sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>InitializeSymmetric(protocol_name): a short name is padded with zeros, a long one hashed.</summary>
    public SymmetricState(string protocolName)
    {
        byte[] name = Encoding.ASCII.GetBytes(protocolName);
        if (name.Length <= NoiseSizes.Hash)
        {
            name.CopyTo(_hash, 0);
        }
        else
        {
            SHA256.HashData(name, _hash);
        }

        _hash.CopyTo(_chainingKey.Span);
    }

    /// <summary>GetHandshakeHash(): h as it stands. Not a secret.</summary>
    public ReadOnlySpan<byte> HandshakeHash => _hash;

    /// <summary>What EncryptAndHash adds at this moment: 16 once there is a key, else 0.</summary>
    public int TagLength => _cipher.HasKey ? NoiseSizes.Tag : 0;

    /// <summary>ck as it stands, for tests that compare both sides.</summary>
    internal ReadOnlySpan<byte> ChainingKeyForTestingOnly => _chainingKey.Span;

    /// <summary>MixKey(input_key_material).</summary>
    public void MixKey(ReadOnlySpan<byte> inputKeyMaterial)
    {
        Span<byte> output = stackalloc byte[2 * NoiseSizes.Hash];
        try
        {
            Hkdf(inputKeyMaterial, output);
            output[..NoiseSizes.Hash].CopyTo(_chainingKey.Span);
            _cipher.InitializeKey(output[NoiseSizes.Hash..]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(output);
        }
    }

    /// <summary>MixHash(data).</summary>
    public void MixHash(ReadOnlySpan<byte> data)
    {
        _sha.AppendData(_hash);
        _sha.AppendData(data);
        _sha.GetHashAndReset(_hash);
    }

    /// <summary>MixKeyAndHash(input_key_material), for pre-shared keys.</summary>
    public void MixKeyAndHash(ReadOnlySpan<byte> inputKeyMaterial)
    {
        Span<byte> output = stackalloc byte[3 * NoiseSizes.Hash];
        try
        {
            Hkdf(inputKeyMaterial, output);
            output[..NoiseSizes.Hash].CopyTo(_chainingKey.Span);
            MixHash(output.Slice(NoiseSizes.Hash, NoiseSizes.Hash));
            _cipher.InitializeKey(output[(2 * NoiseSizes.Hash)..]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(output);
        }
    }

    /// <summary>EncryptAndHash(plaintext).</summary>
    /// <returns>The bytes written.</returns>
    public int EncryptAndHash(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        int written = _cipher.EncryptWithAd(_hash, plaintext, ciphertext);
        MixHash(ciphertext[..written]);
        return written;
    }

    /// <summary>DecryptAndHash(ciphertext). The spans must not overlap: the ciphertext is hashed after it was opened.</summary>
    /// <returns>The bytes written.</returns>
    /// <exception cref="HandshakeException">The tag is wrong.</exception>
    public int DecryptAndHash(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        if (!_cipher.TryDecryptWithAd(_hash, ciphertext, plaintext, out int written))
        {
            throw new HandshakeException();
        }

        MixHash(ciphertext);
        return written;
    }

    /// <summary>Split(): the key of the initiator's messages and that of the responder's.</summary>
    public (CipherState Initiator, CipherState Responder) Split()
    {
        Span<byte> output = stackalloc byte[2 * NoiseSizes.Hash];
        try
        {
            Hkdf([], output);
            CipherState initiator = new();
            CipherState responder = new();
            initiator.InitializeKey(output[..NoiseSizes.Key]);
            responder.InitializeKey(output[NoiseSizes.Key..]);
            return (initiator, responder);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(output);
        }
    }

    public void Dispose()
    {
        _chainingKey.Dispose();
        _cipher.Dispose();
        _sha.Dispose();
    }

    /// <summary>
    /// HKDF of Noise §4.3. It is that of RFC 5869 with ck as the salt and an empty info, so two or three outputs are one
    /// expansion of two or three hash lengths.
    /// </summary>
    private void Hkdf(ReadOnlySpan<byte> inputKeyMaterial, Span<byte> output)
    {
        // DeriveKey throws on the empty span that has no address, which is what Split would hand over.
        ReadOnlySpan<byte> empty = Array.Empty<byte>();
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256, inputKeyMaterial.IsEmpty ? empty : inputKeyMaterial, output, _chainingKey.Span, empty);
    }
}
