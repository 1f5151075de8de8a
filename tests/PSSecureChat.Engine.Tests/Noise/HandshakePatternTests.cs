using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Tests.Noise;

/// <summary>What follows from a pattern's tokens.</summary>
public class HandshakePatternTests
{
    private const int Dh = NoiseSizes.Dh;
    private const int Tag = NoiseSizes.Tag;

    [Fact]
    public void Lengths_grow_by_a_tag_from_the_first_key_on()
    {
        AssertLengths(Dh, Dh + (Dh + Tag) + Tag, (Dh + Tag) + Tag, Plain());
        AssertLengths(NoiseSizes.MessageOne, NoiseSizes.MessageTwoOverhead, NoiseSizes.MessageThreeOverhead, Hybrid());
    }

    [Fact]
    public void A_pre_shared_key_is_a_key_from_its_place_on_and_lets_e_mix_one()
    {
        AssertLengths(Dh + Tag, Dh + (Dh + Tag) + Tag, (Dh + Tag) + Tag, Plain().WithPsk(0));
        AssertLengths(Dh + Tag, Dh + (Dh + Tag) + Tag, (Dh + Tag) + Tag, Plain().WithPsk(3));
        AssertLengths(NoiseSizes.MessageOneWithPsk0, NoiseSizes.MessageTwoOverhead, NoiseSizes.MessageThreeOverhead, Hybrid().WithPsk(0));
    }

    [Fact]
    public void Pre_shared_keys_stand_before_the_first_message_or_behind_that_of_their_number()
    {
        HandshakePattern pattern = Plain().WithPsk(0).WithPsk(1).WithPsk(3);
        Assert.Equal("XXpsk0+psk1+psk3", pattern.Name);
        Assert.Equal(3, pattern.PskCount);
        Assert.Equal([Token.Psk, Token.E, Token.Psk], pattern.Messages[0]);
        Assert.Equal([Token.E, Token.EE, Token.S, Token.ES], pattern.Messages[1]);
        Assert.Equal([Token.S, Token.SE, Token.Psk], pattern.Messages[2]);
    }

    [Fact]
    public void The_name_says_modifiers_and_the_kem()
    {
        Assert.Equal("Noise_XX_25519_AESGCM_SHA256", Plain().ProtocolName);
        Assert.Equal("Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256", Hybrid().ProtocolName);
        Assert.Equal("Noise_XXhfs+psk0_25519+MLKEM768_AESGCM_SHA256", Hybrid().WithPsk(0).ProtocolName);
        Assert.Equal((0, 0), (Plain().PskCount, Hybrid().PskCount));
    }

    [Fact]
    public void A_key_known_beforehand_enters_the_hash()
    {
        HandshakePattern known = new("KN", [Token.S], [], [Token.E], [Token.E, Token.EE, Token.SE]);
        using X25519KeyPair initiator = X25519KeyPair.Generate(SystemRandomSource.Instance);
        using X25519KeyPair responder = X25519KeyPair.Generate(SystemRandomSource.Instance);
        using HandshakeState one = new(known, HandshakeRole.Initiator, HandshakePair.Prologue, initiator, SystemRandomSource.Instance);
        using HandshakeState other = new(known, HandshakeRole.Responder, HandshakePair.Prologue, responder, SystemRandomSource.Instance, initiator.PublicKey);
        using SymmetricState expected = new("Noise_KN_25519_AESGCM_SHA256");
        expected.MixHash(HandshakePair.Prologue);
        expected.MixHash(initiator.PublicKey.Bytes);
        Assert.Equal(expected.HandshakeHash, one.HashForTestingOnly);
        Assert.Equal(expected.HandshakeHash, other.HashForTestingOnly);
    }

    [Fact]
    public void A_message_takes_no_more_of_its_memory_than_it_is_long()
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        byte[] message = HandshakePair.Filled(NoiseSizes.MessageOne + 100, 0xAA);
        Assert.Equal(NoiseSizes.MessageOne, pair.Initiator.WriteMessage([], message));
        Assert.Equal(HandshakePair.Filled(100, 0xAA), message[NoiseSizes.MessageOne..]);
        Assert.Equal(0, pair.Responder.ReadMessage(message.AsSpan(0, NoiseSizes.MessageOne), []));
    }

    private static HandshakePattern Plain() => new("XX", [], [], [Token.E], [Token.E, Token.EE, Token.S, Token.ES], [Token.S, Token.SE]);

    private static HandshakePattern Hybrid() => new("XXhfs", [], [], [Token.E, Token.E1], [Token.E, Token.EE, Token.Ekem1, Token.S, Token.ES], [Token.S, Token.SE]);

    private static void AssertLengths(int first, int second, int third, HandshakePattern pattern) =>
        Assert.Equal((first, second, third), (pattern.Overhead(0), pattern.Overhead(1), pattern.Overhead(2)));
}
