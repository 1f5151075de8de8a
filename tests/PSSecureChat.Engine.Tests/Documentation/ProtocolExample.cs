using System.Globalization;
using System.Security.Cryptography;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Vectors;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Documentation;

/// <summary>
/// The example of docs/protocol.md, made by the engine's own code from fixed random values and a fixed clock: ana
/// dials bob, sends one message and leaves.
/// </summary>
internal sealed class ProtocolExample
{
    private const string Now = "2026-01-01T00:00:00Z";

    private static readonly byte[] s_dialler = Ascending(0x00, 32);
    private static readonly byte[] s_responder = Ascending(0x20, 32);
    private static readonly byte[] s_diallerStatic = Ascending(0x40, 32);
    private static readonly byte[] s_responderStatic = Ascending(0x60, 32);
    private static readonly byte[] s_diallerEphemeral = Ascending(0x80, 32);
    private static readonly byte[] s_responderEphemeral = Ascending(0xA0, 32);
    private static readonly byte[] s_kemSeed = Ascending(0xC0, 64);
    private static readonly byte[] s_kemRandomness = [.. Ascending(0x00, 32).Reverse()];

    private static readonly Profile s_diallerProfile = new("ana", [], 8095);
    private static readonly Profile s_responderProfile = new("bob", [], 8096);
    private static readonly Guid s_diallerStream = new(Ascending(0xD0, 16), bigEndian: true);
    private static readonly Guid s_responderStream = new(Ascending(0xE0, 16), bigEndian: true);
    private static readonly Guid s_message = Guid.Parse("019b76da-a800-7abc-8def-0123456789ab");

    private readonly Dictionary<string, string> _values = [];

    private delegate int Encoder(Span<byte> destination);

    /// <summary>What the document must say, by name.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> MakeAsync()
    {
        ProtocolExample example = new();
        await example.FillAsync();
        return example._values;
    }

    private async Task FillAsync()
    {
        using IdentityKeyPair dialler = IdentityKeyPair.FromSeed(s_dialler);
        using IdentityKeyPair responder = IdentityKeyPair.FromSeed(s_responder);
        AddInputs(dialler.PublicKey, responder.PublicKey);

        FixedRandom diallerRandom = new(s_diallerStatic, s_diallerEphemeral, s_kemSeed);
        FixedRandom responderRandom = new(s_responderStatic, s_responderEphemeral, s_kemRandomness);
        using LocalParty diallerParty = new(dialler, new FixedClock(), diallerRandom) { Profile = s_diallerProfile };
        using LocalParty responderParty = new(responder, new FixedClock(), responderRandom) { Profile = s_responderProfile };
        Add("dialler_certificate", diallerParty.Current().Certificate);
        Add("responder_certificate", responderParty.Current().Certificate);

        (RecordedWire diallerWire, RecordedWire responderWire) = RecordedWire.Pair();
        Task<SecureSession?> accepting = Handshake.AcceptAsync(responderWire, responderParty, "198.51.100.1", CancellationToken.None);
        using SecureSession diallerSession = await Handshake.DialAsync(diallerWire, diallerParty, new PeerAddress("198.51.100.2", 8096), pin: _ => { }, CancellationToken.None);
        using SecureSession responderSession = (await accepting)!;
        Assert.True(diallerRandom.IsUsedUp && responderRandom.IsUsedUp);
        Assert.Equal((dialler.PublicKey, "ana"), (responderSession.Remote, responderSession.Profile!.Value.Name));
        Assert.Equal(responder.PublicKey, diallerSession.Remote);

        byte[] sent = diallerWire.Written;
        byte[] second = responderWire.Written;
        byte[] third = sent[(Preface.Length + NoiseSizes.MessageOne + Limits.RecordHeader)..];
        byte[] payload = [.. diallerParty.Current().Certificate, .. FrameEncoder.EncodeProfile(s_diallerProfile)];
        Add("preface", sent.AsSpan(..Preface.Length));
        Add("prologue", Preface.Prologue());
        AddStates(responderParty.Current().Certificate, payload, sent[Preface.Length..(Preface.Length + NoiseSizes.MessageOne)], second, third);
        Add("message_3_length", sent.AsSpan(Preface.Length + NoiseSizes.MessageOne, Limits.RecordHeader));
        await AddRecordsAsync(diallerSession.Keys, responderSession.Keys);
    }

    private void AddInputs(IdentityKey dialler, IdentityKey responder)
    {
        Add("dialler_identity_seed", s_dialler);
        Add("responder_identity_seed", s_responder);
        Add("dialler_identity", dialler.Bytes);
        Add("responder_identity", responder.Bytes);
        AddText("dialler_fingerprint", dialler.Fingerprint);
        AddText("responder_fingerprint", responder.Fingerprint);
        AddText("safety_number", SafetyNumber.Compute(dialler, responder));
        Add("dialler_static_private", s_diallerStatic);
        Add("dialler_static_public", Pair(s_diallerStatic).PublicKey.Bytes);
        Add("responder_static_private", s_responderStatic);
        Add("responder_static_public", Pair(s_responderStatic).PublicKey.Bytes);
        Add("dialler_ephemeral_private", s_diallerEphemeral);
        Add("responder_ephemeral_private", s_responderEphemeral);
        Add("kem_seed_d_z", s_kemSeed);
        Add("kem_randomness_m", s_kemRandomness);
    }

    // The same handshake step by step, which shows h and ck between the messages.
    private void AddStates(byte[] certificate, byte[] payload, params byte[][] messages)
    {
        using X25519KeyPair diallerStatic = Pair(s_diallerStatic);
        using X25519KeyPair responderStatic = Pair(s_responderStatic);
        using HandshakeState dialler = new(
            HandshakePattern.XXhfs, HandshakeRole.Initiator, Preface.Prologue(), diallerStatic, new FixedRandom(s_diallerEphemeral, s_kemSeed));
        using HandshakeState responder = new(
            HandshakePattern.XXhfs, HandshakeRole.Responder, Preface.Prologue(), responderStatic, new FixedRandom(s_responderEphemeral, s_kemRandomness));
        AddText("protocol_name", HandshakePattern.XXhfs.ProtocolName);
        AddState("message_0", dialler);

        byte[][] payloads = [[], certificate, payload];
        byte[] chainingKey = [];
        for (int i = 0; i < messages.Length; i++)
        {
            (HandshakeState writer, HandshakeState reader) = i % 2 == 0 ? (dialler, responder) : (responder, dialler);
            byte[] message = new byte[writer.NextMessageOverhead + payloads[i].Length];
            writer.WriteMessage(payloads[i], message);
            Assert.Equal(messages[i], message);
            byte[] read = new byte[message.Length];
            Assert.Equal(payloads[i], read[..reader.ReadMessage(message, read)]);
            Assert.True(writer.HashForTestingOnly.SequenceEqual(reader.HashForTestingOnly));

            Add($"message_{i + 1}_payload", payloads[i]);
            Add($"message_{i + 1}", message);
            AddState($"message_{i + 1}", writer);
            chainingKey = writer.ChainingKeyForTestingOnly.ToArray();
        }

        AddSecrets(diallerStatic, responderStatic, messages[0].AsSpan(NoiseSizes.Dh));
        byte[] keys = HKDF.DeriveKey(HashAlgorithmName.SHA256, [], 2 * NoiseSizes.Key, chainingKey, []);
        Add("dialler_to_responder_key", keys.AsSpan(..NoiseSizes.Key));
        Add("responder_to_dialler_key", keys.AsSpan(NoiseSizes.Key..));
        _values.Remove("message_1_payload");
    }

    private void AddSecrets(X25519KeyPair diallerStatic, X25519KeyPair responderStatic, ReadOnlySpan<byte> encapsulationKey)
    {
        using X25519KeyPair diallerEphemeral = Pair(s_diallerEphemeral);
        using X25519KeyPair responderEphemeral = Pair(s_responderEphemeral);
        AddAgreement("ee", diallerEphemeral, responderEphemeral);
        AddAgreement("es", diallerEphemeral, responderStatic);
        AddAgreement("se", diallerStatic, responderEphemeral);
        byte[] secret = new byte[NoiseSizes.KemSecret];
        byte[] ciphertext = new byte[NoiseSizes.KemCiphertext];
        MlKem768.Encapsulate(encapsulationKey, new FixedRandom(s_kemRandomness), ciphertext, secret);
        Add("kem_ciphertext", ciphertext);
        Add("kem_secret", secret);
    }

    private async Task AddRecordsAsync(TransportKeys dialler, TransportKeys responder)
    {
        using RecordBuilder fromDialler = new(dialler.Sending);
        using RecordBuilder fromResponder = new(responder.Sending);
        byte[] atResponder =
        [
            .. AddRecord("dialler_record_0", "dialler_to_responder_key", 0, fromDialler, span => FrameEncoder.Encode(new PingFrame(1), span)),
            .. AddRecord("dialler_record_1", "dialler_to_responder_key", 1, fromDialler, span => FrameEncoder.Encode(new ResumeFrame(s_diallerStream, 0, Guid.Empty, 0), span)),
            .. AddRecord("dialler_record_2", "dialler_to_responder_key", 2, fromDialler, span => FrameEncoder.EncodeMessage(1, s_message, 1_767_225_600_000, "Grüße 😀", null, span)),
            .. AddRecord("dialler_record_3", "dialler_to_responder_key", 3, fromDialler, span => FrameEncoder.Encode(new CloseFrame(CloseReason.Goodbye), span)),
        ];
        byte[] atDialler =
        [
            .. AddRecord("responder_record_0", "responder_to_dialler_key", 0, fromResponder, span => FrameEncoder.Encode(new HelloFrame(s_responderProfile, Waiting: false), span)),
            .. AddRecord(
                "responder_record_1",
                "responder_to_dialler_key",
                1,
                fromResponder,
                span => FrameEncoder.Encode(new ResumeFrame(s_responderStream, 0, Guid.Empty, 0), span),
                span => FrameEncoder.Encode(new PongFrame(1), span)),
            .. AddRecord("responder_record_2", "responder_to_dialler_key", 2, fromResponder, span => FrameEncoder.Encode(new AckFrame(1), span)),
        ];

        Assert.Equal(
            [
                new PingFrame(1),
                new ResumeFrame(s_diallerStream, 0, Guid.Empty, 0),
                (1L, s_message, 1_767_225_600_000L, "Grüße 😀", (Guid?)null),
                new CloseFrame(CloseReason.Goodbye),
            ],
            await ReadAsync(atResponder, responder.Receiving));
        Assert.Equal(
            [("bob", "", 8096, false), new ResumeFrame(s_responderStream, 0, Guid.Empty, 0), new PongFrame(1), new AckFrame(1)],
            await ReadAsync(atDialler, dialler.Receiving));
    }

    private byte[] AddRecord(string name, string key, byte nonce, RecordBuilder builder, params Encoder[] frames)
    {
        List<byte> gathered = [];
        foreach (Encoder frame in frames)
        {
            Span<byte> span = builder.GetSpan(FrameEncoder.ControlFrame);
            int length = frame(span);
            gathered.AddRange(span[..length]);
            builder.Advance(length);
        }

        byte[] record = builder.Seal().ToArray();
        Add($"{name}_frames", gathered.ToArray());
        Add(name, record);

        // The key that stands in the document opens the record that stands there.
        byte[] plaintext = new byte[record.Length - Limits.RecordHeader - Limits.Tag];
        using AesGcm cipher = new(Convert.FromHexString(_values[key]), Limits.Tag);
        cipher.Decrypt([.. new byte[11], nonce], record.AsSpan(Limits.RecordHeader, plaintext.Length), record.AsSpan(^Limits.Tag..), plaintext);
        Assert.Equal([.. gathered, .. new byte[Limits.PaddingBlock - gathered.Count]], plaintext);
        return record;
    }

    private static async Task<List<object>> ReadAsync(byte[] records, CipherState cipher)
    {
        Wire.RecordedFrames frames = new();
        using RecordReader reader = new(new MemoryStream(records), cipher);
        using FrameAssembler assembler = new();
        while (await reader.ReadAsync(CancellationToken.None) is { IsEmpty: false } plaintext)
        {
            assembler.Take(plaintext, frames);
        }

        return frames.All;
    }

    private void AddAgreement(string name, X25519KeyPair ours, X25519KeyPair theirs)
    {
        byte[] secret = new byte[NoiseSizes.Dh];
        ours.Agree(theirs.PublicKey, secret);
        Add($"{name}_secret", secret);
    }

    private void AddState(string name, HandshakeState state)
    {
        Add($"h_after_{name}", state.HashForTestingOnly);
        Add($"ck_after_{name}", state.ChainingKeyForTestingOnly);
    }

    private void Add(string name, ReadOnlySpan<byte> value) => _values.Add(name, Convert.ToHexStringLower(value));

    private void AddText(string name, string value) => _values.Add(name, $"\"{value}\"");

    private static X25519KeyPair Pair(byte[] privateKey) => X25519KeyPair.Generate(new FixedRandom(privateKey));

    private static byte[] Ascending(byte first, int count) => [.. Enumerable.Range(first, count).Select(static value => (byte)value)];

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.Parse(Now, CultureInfo.InvariantCulture);
    }
}
