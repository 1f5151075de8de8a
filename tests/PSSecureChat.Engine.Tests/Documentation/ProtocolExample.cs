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
/// dials bob, sends one message, renews the keys and leaves.
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

    private static readonly byte[] s_rekeyDiallerEphemeral = Ascending(0x10, 32);
    private static readonly byte[] s_rekeyResponderEphemeral = Ascending(0x30, 32);
    private static readonly byte[] s_rekeyKemSeed = Ascending(0x50, 64);
    private static readonly byte[] s_rekeyKemRandomness = Ascending(0x90, 32);

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

        FixedRandom diallerRandom = new(s_diallerStatic, s_diallerEphemeral, s_kemSeed, s_rekeyDiallerEphemeral, s_rekeyKemSeed);
        FixedRandom responderRandom = new(s_responderStatic, s_responderEphemeral, s_kemRandomness, s_rekeyResponderEphemeral, s_rekeyKemRandomness);
        using LocalParty diallerParty = new(dialler, new FixedClock(), diallerRandom) { Profile = s_diallerProfile };
        using LocalParty responderParty = new(responder, new FixedClock(), responderRandom) { Profile = s_responderProfile };
        Add("dialler_certificate", diallerParty.Current().Certificate);
        Add("responder_certificate", responderParty.Current().Certificate);

        (RecordedWire diallerWire, RecordedWire responderWire) = RecordedWire.Pair();
        Task<SecureSession?> accepting = Handshake.AcceptAsync(responderWire, responderParty, new InvitationBook([], 0, TimeProvider.System), silent: false, "198.51.100.1", CancellationToken.None);
        using SecureSession diallerSession = await Handshake.DialAsync(diallerWire, diallerParty, new PeerAddress("198.51.100.2", 8096), null, pin: _ => { }, CancellationToken.None);
        using SecureSession responderSession = (await accepting)!;
        Assert.Equal((dialler.PublicKey, "ana"), (responderSession.Remote, responderSession.Profile!.Value.Name));
        Assert.Equal(responder.PublicKey, diallerSession.Remote);

        byte[] sent = diallerWire.Written;
        byte[] second = responderWire.Written;
        byte[] third = sent[(Preface.Length + NoiseSizes.MessageOne + Limits.RecordHeader)..];
        byte[] payload = [.. diallerParty.Current().Certificate, .. FrameEncoder.EncodeProfile(s_diallerProfile)];
        Add("preface", sent.AsSpan(..Preface.Length));
        Add("message_3_payload", payload);
        AddText("protocol_name", HandshakePattern.XXhfs.ProtocolName);
        AddStates(
            "",
            Preface.Prologue(),
            [s_diallerEphemeral, s_kemSeed],
            [s_responderEphemeral, s_kemRandomness],
            [[], responderParty.Current().Certificate, payload],
            [sent[Preface.Length..(Preface.Length + NoiseSizes.MessageOne)], second, third]);
        AddSecrets(sent.AsSpan(Preface.Length + NoiseSizes.Dh, NoiseSizes.KemPublicKey));
        Add("message_3_length", sent.AsSpan(Preface.Length + NoiseSizes.MessageOne, Limits.RecordHeader));
        await AddRecordsAsync(diallerSession, diallerParty, responderSession, responderParty);
        Assert.True(diallerRandom.IsUsedUp && responderRandom.IsUsedUp);
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
        Add("rekey_dialler_ephemeral_private", s_rekeyDiallerEphemeral);
        Add("rekey_responder_ephemeral_private", s_rekeyResponderEphemeral);
        Add("rekey_kem_seed_d_z", s_rekeyKemSeed);
        Add("rekey_kem_randomness_m", s_rekeyKemRandomness);
    }

    // The same handshake step by step, which shows h and ck between the messages, and the keys.
    private void AddStates(string prefix, byte[] prologue, byte[][] diallerDraws, byte[][] responderDraws, byte[][] payloads, byte[][] messages)
    {
        using X25519KeyPair diallerStatic = Pair(s_diallerStatic);
        using X25519KeyPair responderStatic = Pair(s_responderStatic);
        using HandshakeState dialler = new(HandshakePattern.XXhfs, HandshakeRole.Initiator, prologue, diallerStatic, new FixedRandom(diallerDraws));
        using HandshakeState responder = new(HandshakePattern.XXhfs, HandshakeRole.Responder, prologue, responderStatic, new FixedRandom(responderDraws));
        Add($"{prefix}prologue", prologue);
        AddState($"{prefix}message_0", dialler);
        for (int i = 0; i < messages.Length; i++)
        {
            (HandshakeState writer, HandshakeState reader) = i % 2 == 0 ? (dialler, responder) : (responder, dialler);
            byte[] message = new byte[writer.NextMessageOverhead + payloads[i].Length];
            writer.WriteMessage(payloads[i], message);
            Assert.Equal(messages[i], message);
            byte[] read = new byte[message.Length];
            Assert.Equal(payloads[i], read[..reader.ReadMessage(message, read)]);
            Assert.True(writer.HashForTestingOnly.SequenceEqual(reader.HashForTestingOnly));

            Add($"{prefix}message_{i + 1}", message);
            AddState($"{prefix}message_{i + 1}", writer);
        }

        byte[] keys = HKDF.DeriveKey(HashAlgorithmName.SHA256, [], 2 * NoiseSizes.Key, dialler.ChainingKeyForTestingOnly.ToArray(), []);
        Add($"{prefix}dialler_to_responder_key", keys.AsSpan(..NoiseSizes.Key));
        Add($"{prefix}responder_to_dialler_key", keys.AsSpan(NoiseSizes.Key..));
    }

    private void AddSecrets(ReadOnlySpan<byte> encapsulationKey)
    {
        AddAgreement("ee", s_diallerEphemeral, s_responderEphemeral);
        AddAgreement("es", s_diallerEphemeral, s_responderStatic);
        AddAgreement("se", s_diallerStatic, s_responderEphemeral);
        byte[] secret = new byte[NoiseSizes.KemSecret];
        byte[] ciphertext = new byte[NoiseSizes.KemCiphertext];
        MlKem768.Encapsulate(encapsulationKey, new FixedRandom(s_kemRandomness), ciphertext, secret);
        Add("kem_ciphertext", ciphertext);
        Add("kem_secret", secret);
    }

    private async Task AddRecordsAsync(SecureSession dialler, LocalParty diallerParty, SecureSession responder, LocalParty responderParty)
    {
        ResumeFrame diallerResume = new(s_diallerStream, 0, Guid.Empty, 0);
        ResumeFrame responderResume = new(s_responderStream, 0, Guid.Empty, 0);
        using RecordBuilder fromDialler = new(dialler.Keys.Sending);
        using RecordBuilder fromResponder = new(responder.Keys.Sending);
        List<byte> atResponder = [];
        List<byte> atDialler = [];
        void Dialler(string name, byte nonce, Encoder frame, string prefix = "") =>
            atResponder.AddRange(AddRecord($"dialler_{name}", $"{prefix}dialler_to_responder_key", nonce, fromDialler, frame));
        void Responder(string name, byte nonce, Encoder frame, Encoder? second = null, string prefix = "") =>
            atDialler.AddRange(AddRecord($"responder_{name}", $"{prefix}responder_to_dialler_key", nonce, fromResponder, second is null ? [frame] : [frame, second]));

        Dialler("record_0", 0, span => FrameEncoder.Encode(new PingFrame(1), span));
        Responder("record_0", 0, span => FrameEncoder.Encode(new HelloFrame(s_responderProfile, Waiting: false), span));
        Responder("record_1", 1, span => FrameEncoder.Encode(responderResume, span), span => FrameEncoder.Encode(new PongFrame(1), span));
        Dialler("record_1", 1, span => FrameEncoder.Encode(diallerResume, span));
        Dialler("record_2", 2, span => FrameEncoder.EncodeMessage(1, s_message, 1_767_225_600_000, "Grüße 😀", null, 0, ChatMessageKind.Text, span));
        Responder("record_2", 2, span => FrameEncoder.Encode(new AckFrame(1), span));

        using Rekey rekeyOfDialler = new(diallerParty, dialler.Remote, weDialled: true, dialler.Keys.HandshakeHash.ToArray());
        using Rekey rekeyOfResponder = new(responderParty, responder.Remote, weDialled: false, responder.Keys.HandshakeHash.ToArray());
        RekeyFrame first = rekeyOfDialler.Begin()!.Value;
        RekeyFrame second = rekeyOfResponder.Take(first).Reply!.Value;
        RekeyOutcome atSecond = rekeyOfDialler.Take(second);
        RekeyFrame third = atSecond.Reply!.Value;
        RekeyOutcome atThird = rekeyOfResponder.Take(third);
        RekeyFrame fourth = atThird.Reply!.Value;
        RekeyOutcome atFourth = rekeyOfDialler.Take(fourth);
        AddStates(
            "rekey_",
            [.. "PSSecureChat/1 rekey"u8, .. dialler.Keys.HandshakeHash],
            [s_rekeyDiallerEphemeral, s_rekeyKemSeed],
            [s_rekeyResponderEphemeral, s_rekeyKemRandomness],
            [[], responderParty.Current().Certificate, diallerParty.Current().Certificate],
            [first.Message.ToArray(), second.Message.ToArray(), third.Message.ToArray()]);
        Dialler("rekey_step_1", 3, span => FrameEncoder.Encode(first, span));
        Responder("rekey_step_2", 3, span => FrameEncoder.Encode(second, span));
        Dialler("rekey_step_3", 4, span => FrameEncoder.Encode(third, span));
        fromDialler.SwitchTo(atSecond.SendUnder!);
        Responder("rekey_step_4", 4, span => FrameEncoder.Encode(fourth, span));
        fromResponder.SwitchTo(atThird.SendUnder!);

        Responder("record_5", 0, span => FrameEncoder.Encode(new PingFrame(1), span), prefix: "rekey_");
        Dialler("record_5", 0, span => FrameEncoder.Encode(new CloseFrame(CloseReason.Goodbye), span), prefix: "rekey_");

        Assert.Equal(
            [new PingFrame(1), diallerResume, (1L, s_message, 1_767_225_600_000L, "Grüße 😀", (Guid?)null, 0L, ChatMessageKind.Text), Seen(first), Seen(third), new CloseFrame(CloseReason.Goodbye)],
            await ReadAsync([.. atResponder], responder.Keys.Receiving, atThird.ReceiveUnder!));
        Assert.Equal(
            [("bob", "", 8096, false), responderResume, new PongFrame(1), new AckFrame(1), Seen(second), Seen(fourth), new PingFrame(1)],
            await ReadAsync([.. atDialler], dialler.Keys.Receiving, atFourth.ReceiveUnder!));
    }

    private byte[] AddRecord(string name, string key, byte nonce, RecordBuilder builder, params Encoder[] frames)
    {
        List<byte> gathered = [];
        foreach (Encoder frame in frames)
        {
            Span<byte> span = builder.GetSpan(2 * FrameEncoder.ControlFrame);
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
        Assert.Equal([.. gathered, .. new byte[plaintext.Length - gathered.Count]], plaintext);
        return record;
    }

    private static object Seen(RekeyFrame frame) => (frame.Step, Convert.ToHexString(frame.Message.Span));

    // Five records under the first key, the rest under the second.
    private static async Task<List<object>> ReadAsync(byte[] records, CipherState cipher, CipherState next)
    {
        Wire.RecordedFrames frames = new();
        using RecordReader reader = new(new MemoryStream(records), cipher);
        using FrameAssembler assembler = new();
        for (int count = 1; await reader.ReadAsync(CancellationToken.None) is { IsEmpty: false } plaintext; count++)
        {
            assembler.Take(plaintext, frames);
            if (count == 5)
            {
                reader.SwitchTo(next);
            }
        }

        return frames.All;
    }

    private void AddAgreement(string name, byte[] ourPrivate, byte[] theirPrivate)
    {
        using X25519KeyPair ours = Pair(ourPrivate);
        using X25519KeyPair theirs = Pair(theirPrivate);
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
