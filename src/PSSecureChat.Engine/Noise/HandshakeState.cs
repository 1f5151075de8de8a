namespace PSSecureChat.Engine.Noise;

/// <summary>Which side of a handshake this is: the dialler is the initiator.</summary>
internal enum HandshakeRole
{
    Initiator,
    Responder,
}

/// <summary>
/// HandshakeState of Noise §5.3: one interpreter for every pattern, without IO. Messages are written and read in turn;
/// after the last one <see cref="Split"/> consumes the state. Whatever fails, be it a forged message or a misuse, leaves
/// the state disposed, so that nothing can be tried twice against the same ephemeral keys. Not thread-safe.
/// </summary>
internal sealed partial class HandshakeState : IDisposable
{
    private readonly HandshakePattern _pattern;
    private readonly HandshakeRole _role;
    private readonly IRandomSource _random;
    private readonly X25519KeyPair _static;
    private readonly PreSharedKey[] _preSharedKeys;
    private readonly SymmetricState _symmetric;
    private X25519KeyPair? _ephemeral;
    private MlKem768KeyPair? _kemEphemeral;
    private X25519PublicKey? _remoteEphemeral;
    private byte[]? _remoteKemEphemeral;
    private int _nextMessage;
    private int _nextPsk;
    private bool _disposed;

    /// <summary>Initialize (Noise §5.3).</summary>
    /// <param name="pattern">The pattern, which also makes the protocol name.</param>
    /// <param name="role">Initiator or responder.</param>
    /// <param name="prologue">What both sides must agree on beforehand (Noise §6).</param>
    /// <param name="staticKey">Our static key pair, borrowed.</param>
    /// <param name="random">Where ephemeral keys come from.</param>
    /// <param name="remoteStatic">The other side's static key, where the pattern's pre-messages ask for it.</param>
    /// <param name="preSharedKeys">As many as the pattern has psk tokens, in their order, borrowed.</param>
    /// <exception cref="ArgumentException">The keys given are not those the pattern asks for.</exception>
    public HandshakeState(
        HandshakePattern pattern,
        HandshakeRole role,
        ReadOnlySpan<byte> prologue,
        X25519KeyPair staticKey,
        IRandomSource random,
        X25519PublicKey? remoteStatic = null,
        params PreSharedKey[] preSharedKeys)
    {
        bool initiator = role == HandshakeRole.Initiator;
        bool knowsRemote = !(initiator ? pattern.ResponderPreMessage : pattern.InitiatorPreMessage).IsEmpty;
        if (preSharedKeys.Length != pattern.PskCount || knowsRemote != (remoteStatic is not null))
        {
            throw new ArgumentException("The keys given are not those the pattern asks for.", nameof(pattern));
        }

        _pattern = pattern;
        _role = role;
        _random = random;
        _static = staticKey;
        _preSharedKeys = preSharedKeys;
        RemoteStatic = remoteStatic;
        _symmetric = new SymmetricState(pattern.ProtocolName);
        _symmetric.MixHash(prologue);
        MixPreMessage(pattern.InitiatorPreMessage, ours: initiator);
        MixPreMessage(pattern.ResponderPreMessage, ours: !initiator);
    }

    /// <summary>The other side's static key, as soon as its message has been read. Authentic only after that message.</summary>
    public X25519PublicKey? RemoteStatic { get; private set; }

    /// <summary>The length of the next message, written or read, without its payload.</summary>
    public int NextMessageOverhead => _pattern.Overhead(_nextMessage);

    /// <summary>h as it stands, for tests that compare both sides.</summary>
    internal ReadOnlySpan<byte> HashForTestingOnly => _symmetric.HandshakeHash;

    /// <summary>ck as it stands, for tests that compare both sides.</summary>
    internal ReadOnlySpan<byte> ChainingKeyForTestingOnly => _symmetric.ChainingKeyForTestingOnly;

    private bool OurTurn => (_nextMessage % 2 == 0) == (_role == HandshakeRole.Initiator);

    /// <summary>WriteMessage(payload, message_buffer) of Noise §5.3.</summary>
    /// <returns>The message's length: <see cref="NextMessageOverhead"/> and the payload's.</returns>
    /// <exception cref="ArgumentException">The message does not fit or would be longer than 65,535 bytes.</exception>
    /// <exception cref="InvalidOperationException">It is not our turn.</exception>
    public int WriteMessage(ReadOnlySpan<byte> payload, Span<byte> message)
    {
        try
        {
            Expect(ourTurn: true);
            int length = NextMessageOverhead + payload.Length;
            if (length > NoiseSizes.MaxMessage || length > message.Length || payload.Overlaps(message))
            {
                throw new ArgumentException("The message does not fit.", nameof(message));
            }

            Span<byte> rest = message;
            foreach (Token token in _pattern.Messages[_nextMessage])
            {
                rest = rest[WriteToken(token, rest)..];
            }

            _ = _symmetric.EncryptAndHash(payload, rest);
            _nextMessage++;
            return length;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>ReadMessage(message, payload_buffer) of Noise §5.3.</summary>
    /// <param name="message">One whole message.</param>
    /// <param name="payload">Other memory than the message; as many bytes as the message has are always enough.</param>
    /// <returns>The payload's length.</returns>
    /// <exception cref="HandshakeException">The message is not acceptable, for whatever reason.</exception>
    /// <exception cref="ArgumentException">The payload does not fit.</exception>
    /// <exception cref="InvalidOperationException">It is our turn to write.</exception>
    public int ReadMessage(ReadOnlySpan<byte> message, Span<byte> payload)
    {
        try
        {
            Expect(ourTurn: false);
            int length = message.Length - NextMessageOverhead;
            if (length < 0 || message.Length > NoiseSizes.MaxMessage)
            {
                throw new HandshakeException();
            }

            if (length > payload.Length || message.Overlaps(payload))
            {
                throw new ArgumentException("The payload does not fit.", nameof(payload));
            }

            ReadOnlySpan<byte> rest = message;
            foreach (Token token in _pattern.Messages[_nextMessage])
            {
                rest = rest[ReadToken(token, rest)..];
            }

            _ = _symmetric.DecryptAndHash(rest, payload);
            _nextMessage++;
            return length;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Split() of Noise §5.3, after the last message. The state is disposed of; the keys are the caller's.</summary>
    /// <exception cref="InvalidOperationException">The handshake is not finished.</exception>
    public TransportKeys Split()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_nextMessage != _pattern.Messages.Length)
        {
            throw new InvalidOperationException("The handshake is not finished.");
        }

        (CipherState initiator, CipherState responder) = _symmetric.Split();
        TransportKeys keys = _role == HandshakeRole.Initiator
            ? new TransportKeys(initiator, responder, _symmetric.HandshakeHash)
            : new TransportKeys(responder, initiator, _symmetric.HandshakeHash);
        Dispose();
        return keys;
    }

    /// <summary>Wipes what the handshake owns. The static key and pre-shared keys are the caller's.</summary>
    public void Dispose()
    {
        _disposed = true;
        _symmetric.Dispose();
        _ephemeral?.Dispose();
        _kemEphemeral?.Dispose();
    }

    private void Expect(bool ourTurn)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_nextMessage == _pattern.Messages.Length || OurTurn != ourTurn)
        {
            throw new InvalidOperationException("It is not the turn for this message.");
        }
    }

    /// <summary>The pre-message rules of Noise §5.3. Only s occurs in them here.</summary>
    private void MixPreMessage(IEnumerable<Token> tokens, bool ours)
    {
        foreach (Token _ in tokens)
        {
            _symmetric.MixHash((ours ? _static.PublicKey : RemoteStatic!).Bytes);
        }
    }
}
