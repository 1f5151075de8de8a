using System.Security.Cryptography;
using System.Text;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Tests.Noise;

/// <summary>Keys and secrets at their edges.</summary>
public class KeyTests
{
    [Theory]
    [InlineData("ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", true)] // p - 2
    [InlineData("eefffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe7f", true)] // far below p: its second highest byte
    [InlineData("fffeffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", true)] // below p: its second lowest byte
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7e", true)]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", false)] // p
    [InlineData("0900000000000000000000000000000000000000000000000000000000000080", false)]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000ff", false)]
    public void A_public_key_is_taken_in_its_one_encoding(string hex, bool taken) =>
        Assert.Equal(taken, X25519PublicKey.TryParse(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_public_key_has_thirty_two_bytes(int length) => Assert.False(X25519PublicKey.TryParse(HandshakePair.Filled(length, 9), out _));

    [Fact]
    public void Public_keys_are_equal_when_their_bytes_are()
    {
        Assert.True(X25519PublicKey.TryParse(HandshakePair.Filled(32, 9), out X25519PublicKey? one));
        Assert.True(X25519PublicKey.TryParse(HandshakePair.Filled(32, 9), out X25519PublicKey? same));
        Assert.True(X25519PublicKey.TryParse(HandshakePair.Filled(32, 8), out X25519PublicKey? other));
        Assert.True(one.Equals(same) && one.Equals((object)same) && one.GetHashCode() == same.GetHashCode());
        Assert.False(one.Equals(other) || one.Equals((object)other) || one.Equals(null) || one.Equals("text"));
        Assert.NotEqual(one.GetHashCode(), other.GetHashCode());
        Assert.Equal(string.Concat(Enumerable.Repeat("09", 32)), one.ToString());
    }

    [Fact]
    public void An_agreement_that_comes_out_as_zero_is_refused_whoever_let_the_key_pass()
    {
        using X25519KeyPair ours = X25519KeyPair.Generate(SystemRandomSource.Instance);
        Assert.Throws<HandshakeException>(() => ours.Agree(new X25519PublicKey(new byte[32]), new byte[32]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_pre_shared_key_has_thirty_two_bytes(int length) => Assert.Throws<ArgumentException>(() => new PreSharedKey(new byte[length]));

    [Fact]
    public void A_pre_shared_key_is_a_copy_and_gone_when_disposed()
    {
        byte[] source = HandshakePair.Filled(32, 5);
        PreSharedKey key = new(source);
        source.AsSpan().Clear();
        Assert.Equal(HandshakePair.Filled(32, 5), key.Bytes.ToArray());
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Bytes.Length);
    }

    [Fact]
    public void A_private_key_is_gone_when_disposed()
    {
        X25519KeyPair ours = X25519KeyPair.Generate(SystemRandomSource.Instance);
        ours.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ours.Agree(ours.PublicKey, new byte[32]));
    }

    [Theory]
    [InlineData(NoiseSizes.KemPublicKey - 1)]
    [InlineData(NoiseSizes.KemPublicKey + 1)]
    [InlineData(0)]
    public void An_encapsulation_key_has_one_length(int length)
    {
        Assert.Throws<HandshakeException>(() => MlKem768.CheckPublicKey(new byte[length]));
        Assert.Throws<HandshakeException>(() => MlKem768.Encapsulate(new byte[length], SystemRandomSource.Instance, new byte[NoiseSizes.KemCiphertext], new byte[NoiseSizes.KemSecret]));
    }

    [Theory]
    [InlineData(NoiseSizes.KemCiphertext - 1)]
    [InlineData(NoiseSizes.KemCiphertext + 1)]
    [InlineData(0)]
    public void A_kem_ciphertext_has_one_length(int length)
    {
        using MlKem768KeyPair pair = MlKem768KeyPair.Generate(SystemRandomSource.Instance);
        Assert.Throws<HandshakeException>(() => pair.Decapsulate(new byte[length], new byte[NoiseSizes.KemSecret]));
    }

    [Fact]
    public void Both_sides_of_the_kem_have_one_secret_until_the_pair_is_disposed()
    {
        MlKem768KeyPair pair = MlKem768KeyPair.Generate(SystemRandomSource.Instance);
        byte[] ciphertext = new byte[NoiseSizes.KemCiphertext];
        byte[] theirs = new byte[NoiseSizes.KemSecret];
        byte[] ours = new byte[NoiseSizes.KemSecret];
        MlKem768.Encapsulate(pair.PublicKey, SystemRandomSource.Instance, ciphertext, theirs);
        pair.Decapsulate(ciphertext, ours);
        Assert.Equal(theirs, ours);
        pair.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Decapsulate(ciphertext, ours));
    }

    [Fact]
    public void A_secret_is_a_copy_and_says_nothing_of_itself()
    {
        byte[] source = [1, 2, 3];
        using SecretBytes secret = new(source);
        source[0] = 9;
        Assert.Equal([1, 2, 3], secret.Span.ToArray());
        Assert.Equal(nameof(SecretBytes), secret.ToString());
        using SecretBytes drawn = SecretBytes.Random(64, SystemRandomSource.Instance);
        Assert.True(drawn.Span.Length == 64 && drawn.Span.ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public void A_protocol_name_is_padded_or_hashed_by_its_length(int length)
    {
        string name = new('N', length);
        byte[] expected = length <= 32 ? [.. Encoding.ASCII.GetBytes(name), .. new byte[32 - length]] : SHA256.HashData(Encoding.ASCII.GetBytes(name));
        using SymmetricState state = new(name);
        Assert.Equal(expected, state.HandshakeHash.ToArray());
        Assert.Equal(expected, state.ChainingKeyForTestingOnly.ToArray());
    }

    [Fact]
    public void Transport_keys_are_gone_in_both_directions_when_disposed()
    {
        using HandshakePair pair = HybridHandshakeTests.Pair(psk: false);
        pair.Responder.ReadMessage(pair.WriteUpTo(2, []), []);
        TransportKeys keys = pair.Initiator.Split();
        using TransportKeys theirs = pair.Responder.Split();
        Assert.Equal(theirs.HandshakeHash.ToArray(), keys.HandshakeHash.ToArray());
        keys.Dispose();
        Assert.Throws<ObjectDisposedException>(() => keys.Sending.EncryptWithAd([], [], new byte[16]));
        Assert.Throws<ObjectDisposedException>(() => keys.Receiving.EncryptWithAd([], [], new byte[16]));
    }
}
