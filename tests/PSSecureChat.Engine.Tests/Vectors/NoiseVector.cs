using System.Text.Json;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Tests.Vectors;

/// <summary>Runs one vector of the Noise community's JSON format through the production state machine.</summary>
internal static class NoiseVector
{
    private static readonly HandshakePattern IK = new(
        "IK", [], [Token.S], [Token.E, Token.ES, Token.S, Token.SS], [Token.E, Token.EE, Token.SE]);

    private static readonly Dictionary<string, HandshakePattern> Patterns = new HandshakePattern[]
    {
        HandshakePattern.XX,
        HandshakePattern.XX.WithPsk(3),
        HandshakePattern.XX.WithPsk(0).WithPsk(3),
        IK,
    }.ToDictionary(static pattern => pattern.ProtocolName);

    public static bool IsForOurSuite(JsonElement vector) =>
        vector.Text("protocol_name").EndsWith("_AESGCM_SHA256", StringComparison.Ordinal);

    public static void Run(JsonElement vector)
    {
        HandshakePattern pattern = Patterns[vector.Text("protocol_name")];
        using X25519KeyPair initiatorStatic = KeyPair(vector, "init_static");
        using X25519KeyPair responderStatic = KeyPair(vector, "resp_static");
        using HandshakeState initiator = new(
            pattern,
            HandshakeRole.Initiator,
            vector.Hex("init_prologue"),
            initiatorStatic,
            new FixedRandom(vector.Hex("init_ephemeral")),
            vector.Has("init_remote_static") ? Key(vector.Hex("init_remote_static")) : null,
            Psks(vector, "init_psks"));
        using HandshakeState responder = new(
            pattern,
            HandshakeRole.Responder,
            vector.Hex("resp_prologue"),
            responderStatic,
            new FixedRandom(vector.Hex("resp_ephemeral")),
            preSharedKeys: Psks(vector, "resp_psks"));

        JsonElement[] messages = [.. vector.GetProperty("messages").EnumerateArray()];
        int handshakeLength = pattern.Messages.Length;
        for (int i = 0; i < handshakeLength; i++)
        {
            (HandshakeState writer, HandshakeState reader) = i % 2 == 0 ? (initiator, responder) : (responder, initiator);
            byte[] payload = messages[i].Hex("payload");
            byte[] message = new byte[writer.NextMessageOverhead + payload.Length];
            Assert.Equal(message.Length, writer.WriteMessage(payload, message));
            Assert.Equal(messages[i].Text("ciphertext"), Convert.ToHexStringLower(message));

            byte[] opened = new byte[message.Length];
            Assert.Equal(payload.Length, reader.ReadMessage(message, opened));
            Assert.Equal(payload, opened[..payload.Length]);
            Assert.Equal(writer.HashForTestingOnly, reader.HashForTestingOnly);
            Assert.Equal(writer.ChainingKeyForTestingOnly, reader.ChainingKeyForTestingOnly);
        }

        using TransportKeys left = initiator.Split();
        using TransportKeys right = responder.Split();
        Assert.Equal(left.HandshakeHash, right.HandshakeHash);
        if (vector.Has("handshake_hash"))
        {
            Assert.Equal(vector.Text("handshake_hash"), Convert.ToHexStringLower(left.HandshakeHash));
        }

        for (int i = handshakeLength; i < messages.Length; i++)
        {
            (TransportKeys sender, TransportKeys receiver) = i % 2 == 0 ? (left, right) : (right, left);
            byte[] payload = messages[i].Hex("payload");
            byte[] message = new byte[payload.Length + NoiseSizes.Tag];
            sender.Sending.EncryptWithAd([], payload, message);
            Assert.Equal(messages[i].Text("ciphertext"), Convert.ToHexStringLower(message));
            Assert.True(receiver.Receiving.TryDecryptWithAd([], message, message, out int written));
            Assert.Equal(payload, message[..written]);
        }
    }

    private static X25519KeyPair KeyPair(JsonElement vector, string name) =>
        X25519KeyPair.Generate(new FixedRandom(vector.Hex(name)));

    private static X25519PublicKey Key(byte[] bytes) =>
        X25519PublicKey.TryParse(bytes, out X25519PublicKey? key) ? key : throw new InvalidOperationException();

    private static PreSharedKey[] Psks(JsonElement vector, string name) => vector.Has(name)
        ? [.. vector.GetProperty(name).EnumerateArray().Select(psk => new PreSharedKey(Convert.FromHexString(psk.GetString()!)))]
        : [];
}
