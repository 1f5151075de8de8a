namespace PSSecureChat.Engine.Noise;

/// <summary>
/// What a finished handshake leaves (Noise §5.2, Split): one key for each direction and the handshake hash.
/// Owns both; a direction may also be disposed of alone when a rekey has replaced it.
/// </summary>
internal sealed class TransportKeys : IDisposable
{
    private readonly byte[] _handshakeHash;

    internal TransportKeys(CipherState sending, CipherState receiving, ReadOnlySpan<byte> handshakeHash)
    {
        Sending = sending;
        Receiving = receiving;
        _handshakeHash = handshakeHash.ToArray();
    }

    public CipherState Sending { get; }

    public CipherState Receiving { get; }

    /// <summary>32 bytes that name this session uniquely (Noise §11.2). Equal on both sides, and not a secret.</summary>
    public ReadOnlySpan<byte> HandshakeHash => _handshakeHash;

    public void Dispose()
    {
        Sending.Dispose();
        Receiving.Dispose();
    }
}
