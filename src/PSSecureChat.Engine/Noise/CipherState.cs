using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PSSecureChat.Engine.Noise;

/// <summary>
/// CipherState of Noise §5.1 over AES-256-GCM: a key k (empty at first) and a nonce n that counts messages. Has one owner
/// and is not thread-safe. Encrypting and decrypting allocate nothing.
/// </summary>
/// <remarks>
/// The key's bytes are not kept here: <see cref="AesGcm"/> holds them on the platform's side and frees them on disposal.
/// </remarks>
internal sealed class CipherState : IDisposable
{
    // Noise §5.1 reserves 2^64 - 1.
    private const ulong ReservedNonce = ulong.MaxValue;

    private AesGcm? _cipher;
    private ulong _nonce;
    private bool _disposed;

    /// <summary>How many messages have passed under this key.</summary>
    public ulong Nonce => _nonce;

    /// <summary>HasKey() of Noise §5.1.</summary>
    public bool HasKey => _cipher is not null;

    /// <summary>InitializeKey(key): takes 32 bytes and starts counting at zero. The span stays the caller's to wipe.</summary>
    public void InitializeKey(ReadOnlySpan<byte> key)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _cipher?.Dispose();
        _cipher = new AesGcm(key, NoiseSizes.Tag);
        _nonce = 0;
    }

    /// <summary>
    /// EncryptWithAd: writes ciphertext and tag, or the plaintext as it is while there is no key.
    /// The two spans may be the same memory when both start at the same byte.
    /// </summary>
    /// <returns>The bytes written: the plaintext's length, and 16 more with a key.</returns>
    /// <exception cref="ArgumentException">The ciphertext would be longer than 65,535 bytes or does not fit.</exception>
    /// <exception cref="InvalidOperationException">The nonce is used up.</exception>
    public int EncryptWithAd(ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int length = plaintext.Length + (_cipher is null ? 0 : NoiseSizes.Tag);
        if (length > NoiseSizes.MaxMessage || length > ciphertext.Length)
        {
            throw new ArgumentException("The ciphertext does not fit.", nameof(ciphertext));
        }

        if (_cipher is null)
        {
            plaintext.CopyTo(ciphertext);
            return length;
        }

        Span<byte> nonce = stackalloc byte[NoiseSizes.AeadNonce];
        EncodeNonce(nonce);
        _cipher.Encrypt(
            nonce, plaintext, ciphertext[..plaintext.Length], ciphertext.Slice(plaintext.Length, NoiseSizes.Tag), ad);
        _nonce++;
        return length;
    }

    /// <summary>
    /// DecryptWithAd: opens one message. On false nothing was released and n has not moved (Noise §5.1).
    /// The two spans may be the same memory when both start at the same byte.
    /// </summary>
    /// <param name="written">The ciphertext's length, and 16 less with a key.</param>
    /// <returns>False when the message is too short, too long or not authentic.</returns>
    /// <exception cref="ArgumentException">The plaintext does not fit.</exception>
    /// <exception cref="InvalidOperationException">The nonce is used up.</exception>
    public bool TryDecryptWithAd(ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, out int written)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        written = 0;
        int length = ciphertext.Length - (_cipher is null ? 0 : NoiseSizes.Tag);
        if (length < 0 || ciphertext.Length > NoiseSizes.MaxMessage)
        {
            return false;
        }

        if (length > plaintext.Length)
        {
            throw new ArgumentException("The plaintext does not fit.", nameof(plaintext));
        }

        if (_cipher is null)
        {
            ciphertext.CopyTo(plaintext);
            written = length;
            return true;
        }

        Span<byte> nonce = stackalloc byte[NoiseSizes.AeadNonce];
        EncodeNonce(nonce);
        try
        {
            _cipher.Decrypt(nonce, ciphertext[..length], ciphertext[length..], plaintext[..length], ad);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        _nonce++;
        written = length;
        return true;
    }

    /// <summary>Moves the counter, to reach its end in a test. Going back would repeat a nonce and give the key away.</summary>
    internal void SetNonceForTestingOnly(ulong nonce) => _nonce = nonce;

    public void Dispose()
    {
        _disposed = true;
        _cipher?.Dispose();
        _cipher = null;
    }

    /// <summary>AESGCM of Noise §12.4: 32 zero bits, then n in big-endian order.</summary>
    private void EncodeNonce(Span<byte> nonce)
    {
        if (_nonce == ReservedNonce)
        {
            throw new InvalidOperationException("The nonces of this key are used up.");
        }

        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], _nonce);
    }
}
