using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Tests.Noise;

public class HandshakeFaultTests
{
    private static readonly byte[] Payload = "a payload that is not empty"u8.ToArray();

    /// <summary>Encodings of X25519 points of low order, canonical and not; each must be refused wherever it arrives.</summary>
    public static TheoryData<string> UnusableKeys =>
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0900000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(0, true)]
    public void A_flipped_byte_in_any_handshake_message_gives_the_one_error(int index, bool psk)
    {
        // Without a psk the whole of message 1 is in the clear. A flipped byte there is refused at once where it makes an
        // invalid key; otherwise it is a valid other key, and the initiator refuses message 2, whose first tag fails.
        byte[] payload = index == 0 ? [] : Payload;
        int length = payload.Length + (psk ? HandshakePattern.XXhfsPsk0 : HandshakePattern.XXhfs).Overhead(index);
        for (int position = 0; position < length; position++)
        {
            using HandshakePair pair = HybridHandshakeTests.Pair(psk);
            byte[] forged = pair.WriteUpTo(index, payload);
            forged[position] ^= 0x01;
            AssertRefused(() =>
            {
                pair.Reader(index).ReadMessage(forged, new byte[forged.Length]);
                Assert.Equal(0, index);
                Assert.False(psk);
                byte[] answer = new byte[NoiseSizes.MessageTwoOverhead];
                pair.Responder.WriteMessage([], answer);
                pair.Initiator.ReadMessage(answer, []);
            });
        }
    }

    [Theory]
    [InlineData(0, -1)]
    [InlineData(0, -1216)]
    [InlineData(1, -1)]
    [InlineData(1, 1)]
    [InlineData(1, -1200)]
    [InlineData(2, -1)]
    [InlineData(2, 1)]
    [InlineData(2, -64)]
    [InlineData(2, 70000)]
    public void A_handshake_message_of_another_length_gives_the_one_error(int index, int difference)
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] message = pair.WriteUpTo(index, []);
        Array.Resize(ref message, message.Length + difference);
        AssertRefused(() => pair.Reader(index).ReadMessage(message, new byte[message.Length]));
    }

    [Fact]
    public void Bytes_behind_message_one_are_its_payload_and_the_caller_sees_their_number()
    {
        // Message 1 has no tag, so its length is the caller's to check: exactly NoiseSizes.MessageOne.
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] message = [.. pair.WriteUpTo(0, []), 0];
        Assert.Equal(1, pair.Responder.ReadMessage(message, new byte[1]));
    }

    [Theory]
    [MemberData(nameof(UnusableKeys))]
    public void An_unusable_ephemeral_key_is_refused(string key)
    {
        byte[] unusable = Convert.FromHexString(key);
        Assert.False(X25519PublicKey.TryParse(unusable, out _));
        for (int index = 0; index < 2; index++)
        {
            using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
            byte[] message = pair.WriteUpTo(index, []);
            unusable.CopyTo(message, 0);
            AssertRefused(() => pair.Reader(index).ReadMessage(message, []));
        }
    }

    [Theory]
    [MemberData(nameof(UnusableKeys))]
    public void An_unusable_static_key_is_refused_although_its_tag_is_right(string key)
    {
        // An honest program cannot write such a message, so the sender's symmetric state is played by hand, with XX.
        byte[] unusable = Convert.FromHexString(key);
        using HandshakePair pair = new(HandshakePattern.XX);
        byte[] first = pair.WriteUpTo(0, []);
        using SymmetricState responder = new(HandshakePattern.XX.ProtocolName);
        using X25519KeyPair ephemeral = X25519KeyPair.Generate(SystemRandomSource.Instance);
        byte[] message = new byte[HandshakePattern.XX.Overhead(1)];
        byte[] secret = new byte[NoiseSizes.Dh];
        Assert.True(X25519PublicKey.TryParse(first, out X25519PublicKey? initiatorEphemeral));

        responder.MixHash(HandshakePair.Prologue);
        responder.MixHash(first);
        responder.MixHash([]);
        ephemeral.PublicKey.Bytes.CopyTo(message);
        responder.MixHash(ephemeral.PublicKey.Bytes);
        ephemeral.Agree(initiatorEphemeral, secret);
        responder.MixKey(secret);
        responder.EncryptAndHash(unusable, message.AsSpan(NoiseSizes.Dh));

        AssertRefused(() => pair.Initiator.ReadMessage(message, []));
        Assert.Null(pair.Initiator.RemoteStatic);
    }

    [Fact]
    public void An_encapsulation_key_with_a_coefficient_of_q_or_more_is_refused()
    {
        // The first coefficient is the low 12 bits of the first two bytes: 3329 = 0xD01 is the smallest forbidden value.
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] message = pair.WriteUpTo(0, []);
        message[NoiseSizes.Dh] = 0x01;
        message[NoiseSizes.Dh + 1] = (byte)((message[NoiseSizes.Dh + 1] & 0xF0) | 0x0D);
        AssertRefused(() => pair.Responder.ReadMessage(message, []));
    }

    [Fact]
    public void The_largest_coefficient_below_q_is_taken()
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] message = pair.WriteUpTo(0, []);
        message[NoiseSizes.Dh] = 0x00;
        message[NoiseSizes.Dh + 1] = (byte)((message[NoiseSizes.Dh + 1] & 0xF0) | 0x0D);
        Assert.Equal(0, pair.Responder.ReadMessage(message, []));
    }

    [Fact]
    public void Another_prologue_is_refused()
    {
        using HandshakePair left = new(HandshakePattern.XXhfs, "one"u8.ToArray());
        using HandshakePair right = new(HandshakePattern.XXhfs, "two"u8.ToArray());
        right.Responder.ReadMessage(left.WriteUpTo(0, []), []);
        byte[] answer = new byte[NoiseSizes.MessageTwoOverhead];
        right.Responder.WriteMessage([], answer);
        AssertRefused(() => left.Initiator.ReadMessage(answer, []));
    }

    [Fact]
    public void Without_the_invitation_the_first_message_is_refused()
    {
        using HandshakePair pair = new(HandshakePattern.XXhfsPsk0, initiatorPsk: 1, responderPsk: 2);
        AssertRefused(() => pair.Responder.ReadMessage(pair.WriteUpTo(0, []), []));
    }

    [Fact]
    public void A_refused_message_ends_the_handshake_for_good()
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] message = pair.WriteUpTo(1, []);
        byte[] forged = [.. message];
        forged[^1] ^= 1;
        AssertRefused(() => pair.Initiator.ReadMessage(forged, []));
        Assert.Throws<ObjectDisposedException>(() => pair.Initiator.ReadMessage(message, []));
        Assert.Throws<ObjectDisposedException>(() => pair.Initiator.Split());
    }

    [Fact]
    public void Acting_out_of_turn_is_an_error_of_the_program()
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        Assert.Throws<InvalidOperationException>(() => pair.Initiator.Split());
        Assert.Throws<InvalidOperationException>(() => pair.Initiator.ReadMessage(new byte[NoiseSizes.MessageOne], []));
        Assert.Throws<InvalidOperationException>(() => pair.Responder.WriteMessage([], new byte[NoiseSizes.MessageOne]));
    }

    [Fact]
    public void Splitting_twice_is_not_possible()
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        pair.WriteUpTo(2, []);
        using TransportKeys keys = pair.Initiator.Split();
        Assert.Throws<ObjectDisposedException>(() => pair.Initiator.Split());
    }

    [Fact]
    public void Keys_that_the_pattern_does_not_ask_for_are_an_error_of_the_program()
    {
        Assert.Throws<ArgumentException>(() => new HandshakePair(HandshakePattern.XXhfsPsk0));
        Assert.Throws<ArgumentException>(() => new HandshakePair(HandshakePattern.XXhfs, initiatorPsk: 1));
    }

    [Fact]
    public void The_other_sides_key_is_given_where_the_pattern_knows_it_and_nowhere_else()
    {
        HandshakePattern knows = new("IK", [], [Token.S], [Token.E, Token.ES, Token.S, Token.SS], [Token.E, Token.EE, Token.SE]);
        using X25519KeyPair key = X25519KeyPair.Generate(SystemRandomSource.Instance);
        Assert.Throws<ArgumentException>(() => new HandshakeState(knows, HandshakeRole.Initiator, [], key, SystemRandomSource.Instance));
        Assert.Throws<ArgumentException>(() => new HandshakeState(knows, HandshakeRole.Responder, [], key, SystemRandomSource.Instance, key.PublicKey));
        Assert.Throws<ArgumentException>(() => new HandshakeState(HandshakePattern.XXhfs, HandshakeRole.Initiator, [], key, SystemRandomSource.Instance, key.PublicKey));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public void A_message_that_does_not_fit_is_an_error_of_the_program_and_ends_the_handshake(int room)
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] message = new byte[NoiseSizes.MessageOne + 3 + room];
        if (room == 0)
        {
            Assert.Equal(message.Length, pair.Initiator.WriteMessage(new byte[3], message));
            return;
        }

        Assert.Throws<ArgumentException>(() => pair.Initiator.WriteMessage(new byte[3], message));
        Assert.Throws<ObjectDisposedException>(() => pair.Initiator.WriteMessage([], new byte[NoiseSizes.MessageOne]));
    }

    [Theory]
    [InlineData(NoiseSizes.MaxMessage, true)]
    [InlineData(NoiseSizes.MaxMessage + 1, false)]
    public void A_handshake_message_is_at_most_65535_bytes_long(int length, bool fits)
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] message = new byte[length];
        Exception? error = Record.Exception(() => pair.Initiator.WriteMessage(new byte[length - NoiseSizes.MessageOne], message));
        Assert.Equal(fits, error is null);
        Assert.True(fits || error is ArgumentException);

        using HandshakePair other = HybridHandshakeTests.Pair(psk: false);
        other.WriteUpTo(0, []).CopyTo(message, 0);
        Exception? refusal = Record.Exception(() => other.Responder.ReadMessage(message, new byte[length]));
        Assert.Equal(fits, refusal is null);
        Assert.True(fits || refusal is HandshakeException);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_payload_that_does_not_fit_is_an_error_of_the_program(int room, bool fits)
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] message = pair.WriteUpTo(1, [1, 2, 3]);
        byte[] payload = new byte[room];
        Exception? error = Record.Exception(() => pair.Initiator.ReadMessage(message, payload));
        Assert.Equal(fits, error is null);
        Assert.True(fits ? payload.SequenceEqual(new byte[] { 1, 2, 3 }) : error is ArgumentException { ParamName: "payload" });
    }

    [Fact]
    public void Payload_and_message_are_other_memory()
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] memory = new byte[4096];
        Assert.Throws<ArgumentException>(() => pair.Initiator.WriteMessage(memory.AsSpan(0, 3), memory));
        using HandshakePair other = HybridHandshakeTests.Pair(psk: false);
        byte[] message = other.WriteUpTo(1, [1, 2, 3]);
        Assert.Throws<ArgumentException>(() => other.Initiator.ReadMessage(message, message));
    }

    [Fact]
    public void After_the_last_message_there_is_none()
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] third = pair.WriteUpTo(2, []);
        Assert.Throws<InvalidOperationException>(() => pair.Initiator.WriteMessage([], new byte[4096]));
        using HandshakePair other = HybridHandshakeTests.Pair(psk: false);
        other.Responder.ReadMessage(other.WriteUpTo(2, []), []);
        Assert.Throws<InvalidOperationException>(() => other.Responder.WriteMessage([], new byte[4096]));
        using HandshakePair last = HybridHandshakeTests.Pair(psk: false);
        last.Responder.ReadMessage(last.WriteUpTo(2, []), []);
        Assert.Throws<InvalidOperationException>(() => last.Initiator.ReadMessage(third, []));
    }

    private static void AssertRefused(Action action) =>
        Assert.Equal("The handshake message was refused.", Assert.Throws<HandshakeException>(action).Message);
}
