using System.Security.Cryptography;

namespace PSSecureChat.Engine.Noise;

/// <summary>What each token does when a message is written and when it is read (Noise §5.3, §9.2, and hfs with a KEM).</summary>
internal sealed partial class HandshakeState
{
    private int WriteToken(Token token, Span<byte> rest)
    {
        switch (token)
        {
            case Token.E:
                _ephemeral = X25519KeyPair.Generate(_random);
                _ephemeral.PublicKey.Bytes.CopyTo(rest);
                MixEphemeral(_ephemeral.PublicKey);
                return NoiseSizes.Dh;
            case Token.S:
                return _symmetric.EncryptAndHash(_static.PublicKey.Bytes, rest);
            case Token.E1:
                _kemEphemeral = MlKem768KeyPair.Generate(_random);
                return _symmetric.EncryptAndHash(_kemEphemeral.PublicKey, rest);
            case Token.Ekem1:
                return Encapsulate(rest);
            default:
                MixToken(token);
                return 0;
        }
    }

    private int ReadToken(Token token, ReadOnlySpan<byte> rest)
    {
        switch (token)
        {
            case Token.E:
                _remoteEphemeral = Parse(rest[..NoiseSizes.Dh]);
                MixEphemeral(_remoteEphemeral);
                return NoiseSizes.Dh;
            case Token.S:
                Span<byte> key = stackalloc byte[NoiseSizes.Dh];
                int length = NoiseSizes.Dh + _symmetric.TagLength;
                _ = _symmetric.DecryptAndHash(rest[..length], key);
                RemoteStatic = Parse(key);
                return length;
            case Token.E1:
                length = NoiseSizes.KemPublicKey + _symmetric.TagLength;
                _remoteKemEphemeral = new byte[NoiseSizes.KemPublicKey];
                _ = _symmetric.DecryptAndHash(rest[..length], _remoteKemEphemeral);
                MlKem768.CheckPublicKey(_remoteKemEphemeral);
                return length;
            case Token.Ekem1:
                return Decapsulate(rest);
            default:
                MixToken(token);
                return 0;
        }
    }

    /// <summary>Tokens that put nothing on the wire: psk (Noise §9.2) and the four DH tokens.</summary>
    private void MixToken(Token token)
    {
        bool initiator = _role == HandshakeRole.Initiator;
        switch (token)
        {
            case Token.Psk:
                _symmetric.MixKeyAndHash(_preSharedKeys[_nextPsk++].Bytes);
                break;
            case Token.EE:
                MixAgreement(_ephemeral!, _remoteEphemeral!);
                break;
            case Token.ES:
                MixAgreement(initiator ? _ephemeral! : _static, initiator ? RemoteStatic! : _remoteEphemeral!);
                break;
            case Token.SE:
                MixAgreement(initiator ? _static : _ephemeral!, initiator ? _remoteEphemeral! : RemoteStatic!);
                break;
            case Token.SS:
                MixAgreement(_static, RemoteStatic!);
                break;
            default:
                throw new InvalidOperationException("Not a token that mixes.");
        }
    }

    private void MixEphemeral(X25519PublicKey key)
    {
        _symmetric.MixHash(key.Bytes);
        if (_pattern.PskCount > 0)
        {
            // Noise §9.2: with a psk the ephemeral key is mixed too, so that no two messages share key and nonce.
            _symmetric.MixKey(key.Bytes);
        }
    }

    private void MixAgreement(X25519KeyPair ours, X25519PublicKey theirs)
    {
        Span<byte> secret = stackalloc byte[NoiseSizes.Dh];
        try
        {
            ours.Agree(theirs, secret);
            _symmetric.MixKey(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private int Encapsulate(Span<byte> rest)
    {
        Span<byte> ciphertext = stackalloc byte[NoiseSizes.KemCiphertext];
        Span<byte> secret = stackalloc byte[NoiseSizes.KemSecret];
        try
        {
            MlKem768.Encapsulate(_remoteKemEphemeral, _random, ciphertext, secret);
            int written = _symmetric.EncryptAndHash(ciphertext, rest);
            _symmetric.MixKey(secret);
            return written;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private int Decapsulate(ReadOnlySpan<byte> rest)
    {
        Span<byte> ciphertext = stackalloc byte[NoiseSizes.KemCiphertext];
        Span<byte> secret = stackalloc byte[NoiseSizes.KemSecret];
        try
        {
            int length = NoiseSizes.KemCiphertext + _symmetric.TagLength;
            _ = _symmetric.DecryptAndHash(rest[..length], ciphertext);
            _kemEphemeral!.Decapsulate(ciphertext, secret);
            _symmetric.MixKey(secret);
            _kemEphemeral.Dispose();
            return length;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static X25519PublicKey Parse(ReadOnlySpan<byte> bytes) =>
        X25519PublicKey.TryParse(bytes, out X25519PublicKey? key) ? key : throw new HandshakeException();
}
