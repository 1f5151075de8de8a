using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>What one step of a rekey leads to.</summary>
/// <param name="Reply">A frame to send, or null.</param>
/// <param name="SendUnder">The key for what is sent after the reply, or null.</param>
/// <param name="ReceiveUnder">The key for the records after this one, or null.</param>
internal readonly record struct RekeyOutcome(RekeyFrame? Reply, CipherState? SendUnder, CipherState? ReceiveUnder);

/// <summary>
/// Renews a session's keys by a whole handshake inside it, begun by the dialler and bound to the session by its
/// handshake hash: fresh randomness of both sides heals a session whose keys were stolen. No IO.
/// </summary>
internal sealed class Rekey(LocalParty local, IdentityKey remote, bool weDialled, ReadOnlyMemory<byte> handshakeHash) : IDisposable
{
    private readonly object _lock = new();
    private byte[] _hash = handshakeHash.ToArray();
    private HandshakeState? _state;
    private LocalParty.CertifiedKey? _key;
    private CipherState? _receiveAtSwitch;
    private int _awaited = weDialled ? 0 : 1;

    /// <summary>Begins, as the dialler, unless one is under way.</summary>
    public RekeyFrame? Begin()
    {
        lock (_lock)
        {
            if (_awaited != 0)
            {
                return null;
            }

            Start(HandshakeRole.Initiator);
            _awaited = 2;
            return new RekeyFrame(1, Write([]));
        }
    }

    /// <summary>Takes a step of the other side.</summary>
    /// <exception cref="ProtocolException">The step is not due, or its message is not acceptable.</exception>
    public RekeyOutcome Take(in RekeyFrame frame)
    {
        lock (_lock)
        {
            if (frame.Step != _awaited)
            {
                throw new ProtocolException("a rekey step that is not due");
            }

            try
            {
                return frame.Step switch
                {
                    1 => TakeFirst(frame.Message.Span),
                    2 => TakeSecond(frame.Message.Span),
                    3 => TakeThird(frame.Message.Span),
                    4 => TakeSwitch(frame.Message.Span),
                    _ => throw new ProtocolException("a rekey step that is not due"),
                };
            }
            catch (HandshakeException)
            {
                throw new ProtocolException("a rekey message that is not acceptable");
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _state?.Dispose();
            _receiveAtSwitch?.Dispose();
            _awaited = -1;
        }
    }

    private RekeyOutcome TakeFirst(ReadOnlySpan<byte> message)
    {
        if (message.Length != NoiseSizes.MessageOne)
        {
            throw new ProtocolException("a rekey message of the wrong length");
        }

        Start(HandshakeRole.Responder);
        _state!.ReadMessage(message, new byte[message.Length]);
        _awaited = 3;
        return new RekeyOutcome(new RekeyFrame(2, Write(_key!.Certificate)), null, null);
    }

    private RekeyOutcome TakeSecond(ReadOnlySpan<byte> message)
    {
        ReadCertified(message);
        RekeyFrame third = new(3, Write(_key!.Certificate));
        TransportKeys keys = Finish();
        _receiveAtSwitch = keys.Receiving;
        _awaited = 4;
        return new RekeyOutcome(third, keys.Sending, null);
    }

    private RekeyOutcome TakeThird(ReadOnlySpan<byte> message)
    {
        ReadCertified(message);
        TransportKeys keys = Finish();
        _awaited = 1;
        return new RekeyOutcome(new RekeyFrame(4, default), keys.Sending, keys.Receiving);
    }

    private RekeyOutcome TakeSwitch(ReadOnlySpan<byte> message)
    {
        if (!message.IsEmpty)
        {
            throw new ProtocolException("a rekey switch with a message");
        }

        CipherState receiving = _receiveAtSwitch!;
        _receiveAtSwitch = null;
        _awaited = 0;
        return new RekeyOutcome(null, null, receiving);
    }

    private void Start(HandshakeRole role)
    {
        _key = local.Current();
        _state = new HandshakeState(HandshakePattern.XXhfs, role, [.. "PSSecureChat/1 rekey"u8, .. _hash], _key.Static, local.Random);
    }

    private byte[] Write(byte[] payload)
    {
        byte[] message = new byte[_state!.NextMessageOverhead + payload.Length];
        _state.WriteMessage(payload, message);
        return message;
    }

    private void ReadCertified(ReadOnlySpan<byte> message)
    {
        byte[] certificate = new byte[message.Length];
        int length = _state!.ReadMessage(message, certificate);
        if (!StaticKeyCertificate.TryVerify(certificate.AsSpan(0, length), _state.RemoteStatic!, local.Now, out IdentityKey? identity, out _) || identity != remote)
        {
            throw new ProtocolException("a rekey by somebody else");
        }
    }

    private TransportKeys Finish()
    {
        TransportKeys keys = _state!.Split();
        _hash = keys.HandshakeHash.ToArray();
        _state = null;
        return keys;
    }
}
