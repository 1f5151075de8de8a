namespace PSSecureChat.Engine.Noise;

/// <summary>A 32-byte pre-shared key (Noise §9), here the invitation. A handshake borrows it; the owner disposes of it.</summary>
internal sealed class PreSharedKey : IDisposable
{
    private readonly SecretBytes _key;

    /// <param name="key">32 bytes, copied. They must be uniformly random: psk0 stands against guessing on line and off.</param>
    public PreSharedKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != NoiseSizes.Key)
        {
            throw new ArgumentException("A pre-shared key has 32 bytes.", nameof(key));
        }

        _key = new SecretBytes(key);
    }

    internal ReadOnlySpan<byte> Bytes => _key.Span;

    public void Dispose() => _key.Dispose();
}
