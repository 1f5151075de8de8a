using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Tests.Vectors;

namespace PSSecureChat.Engine.Tests.Noise;

/// <summary>
/// Two sides of one handshake whose randomness is always the same, so that any step of it can be rebuilt at will and the
/// same messages come out each time.
/// </summary>
internal sealed class HandshakePair : IDisposable
{
    public static readonly byte[] Prologue = "test prologue"u8.ToArray();

    private readonly X25519KeyPair _initiatorStatic = X25519KeyPair.Generate(new FixedRandom(Filled(32, 0x11)));
    private readonly X25519KeyPair _responderStatic = X25519KeyPair.Generate(new FixedRandom(Filled(32, 0x12)));

    public HandshakePair(HandshakePattern pattern, byte[]? prologue = null, byte? initiatorPsk = null, byte? responderPsk = null)
    {
        Initiator = new HandshakeState(
            pattern, HandshakeRole.Initiator, prologue ?? Prologue, _initiatorStatic, InitiatorRandom, null, Psk(initiatorPsk));
        Responder = new HandshakeState(
            pattern, HandshakeRole.Responder, prologue ?? Prologue, _responderStatic, ResponderRandom, null, Psk(responderPsk));
    }

    public HandshakeState Initiator { get; }

    public HandshakeState Responder { get; }

    public FixedRandom InitiatorRandom { get; } = new(Filled(32, 0x13), Filled(64, 0x15));

    public FixedRandom ResponderRandom { get; } = new(Filled(32, 0x14), Filled(32, 0x16));

    public X25519PublicKey InitiatorStatic => _initiatorStatic.PublicKey;

    public X25519PublicKey ResponderStatic => _responderStatic.PublicKey;

    /// <summary>The side that reads message <paramref name="index"/>.</summary>
    public HandshakeState Reader(int index) => index % 2 == 0 ? Responder : Initiator;

    /// <summary>The side that writes message <paramref name="index"/>.</summary>
    public HandshakeState Writer(int index) => index % 2 == 0 ? Initiator : Responder;

    /// <summary>Lets the messages before <paramref name="index"/> pass and writes that one without delivering it.</summary>
    public byte[] WriteUpTo(int index, ReadOnlySpan<byte> payload)
    {
        for (int i = 0; i < index; i++)
        {
            byte[] message = Write(i, payload);
            Reader(i).ReadMessage(message, new byte[message.Length]);
        }

        return Write(index, payload);
    }

    public void Dispose()
    {
        Initiator.Dispose();
        Responder.Dispose();
        _initiatorStatic.Dispose();
        _responderStatic.Dispose();
    }

    public static byte[] Filled(int length, byte value) => [.. Enumerable.Repeat(value, length)];

    private byte[] Write(int index, ReadOnlySpan<byte> payload)
    {
        byte[] message = new byte[Writer(index).NextMessageOverhead + payload.Length];
        Writer(index).WriteMessage(payload, message);
        return message;
    }

    private static PreSharedKey[] Psk(byte? value) => value is null ? [] : [new PreSharedKey(Filled(32, value.Value))];
}
