namespace PSSecureChat.Engine.Noise;

/// <summary>Lengths in bytes, each derived from those it is made of.</summary>
internal static class NoiseSizes
{
    /// <summary>DHLEN (Noise §4.1): an X25519 private key, public key or shared secret.</summary>
    public const int Dh = 32;

    /// <summary>HASHLEN of SHA-256 (Noise §4.3), also the length of the chaining key.</summary>
    public const int Hash = 32;

    /// <summary>The length of every cipher key and pre-shared key.</summary>
    public const int Key = 32;

    /// <summary>The tag AES-256-GCM puts behind a ciphertext.</summary>
    public const int Tag = 16;

    /// <summary>The nonce of AES-256-GCM.</summary>
    public const int AeadNonce = 12;

    /// <summary>No Noise message is longer (Noise §3).</summary>
    public const int MaxMessage = 65535;

    /// <summary>The most a transport message can carry.</summary>
    public const int MaxTransportPlaintext = MaxMessage - Tag;

    /// <summary>An ML-KEM-768 encapsulation key (FIPS 203, table 3).</summary>
    public const int KemPublicKey = (384 * 3) + 32;

    /// <summary>An ML-KEM-768 ciphertext (FIPS 203, table 3).</summary>
    public const int KemCiphertext = 32 * ((10 * 3) + 4);

    /// <summary>The shared secret of ML-KEM.</summary>
    public const int KemSecret = 32;

    /// <summary>The seed d ‖ z from which ML-KEM makes a key pair (FIPS 203, algorithm 16).</summary>
    public const int KemSeed = 64;

    /// <summary>The randomness m of one encapsulation (FIPS 203, algorithm 17).</summary>
    public const int KemRandomness = 32;

    /// <summary>Message 1 of XXhfs, empty payload. No key exists yet, so neither e1 nor the payload has a tag.</summary>
    public const int MessageOne = Dh + KemPublicKey;

    /// <summary>Message 1 of XXhfs+psk0, empty payload: psk0 has set a key, so e1 and the payload have tags.</summary>
    public const int MessageOneWithPsk0 = MessageOne + Tag + Tag;

    /// <summary>Message 2 of XXhfs without its payload: e, ekem1, s and the payload's tag.</summary>
    public const int MessageTwoOverhead = Dh + (KemCiphertext + Tag) + (Dh + Tag) + Tag;

    /// <summary>Message 3 of XXhfs without its payload: s and the payload's tag.</summary>
    public const int MessageThreeOverhead = (Dh + Tag) + Tag;
}
