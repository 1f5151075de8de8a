using System.Numerics;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Tests.Noise;

namespace PSSecureChat.Engine.Tests.Identity;

public class IdentityKeyTests
{
    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")] // the neutral element
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // order 2
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")] // order 4
    [InlineData("0000000000000000000000000000000000000000000000000000000000000080")] // order 4
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")] // order 8
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")] // order 8
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // p + 1, not canonical
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")] // minus zero, not canonical
    [InlineData("f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // p + 3, not canonical
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000")] // not on the curve
    public void A_key_of_low_order_or_not_canonical_is_refused(string key) =>
        Assert.False(IdentityKey.TryParse(Convert.FromHexString(key), out _));

    [Fact]
    public void A_key_outside_the_subgroup_of_prime_order_is_refused()
    {
        // Adding the point of order 2, (0, -1), to a good key (x, y) gives (-x, -y).
        BigInteger p = BigInteger.Pow(2, 255) - 19;
        byte[] bytes = Key(1).Bytes.ToArray();
        int sign = bytes[31] & 0x80;
        bytes[31] &= 0x7F;
        BigInteger y = p - new BigInteger(bytes, isUnsigned: true);
        Assert.True(y.TryWriteBytes(bytes, out int written, isUnsigned: true));
        Assert.Equal(32, written);
        bytes[31] |= (byte)(sign ^ 0x80);
        Assert.False(IdentityKey.TryParse(bytes, out _));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(0)]
    public void A_key_of_another_length_is_refused(int length) =>
        Assert.False(IdentityKey.TryParse(new byte[length], out _));

    [Fact]
    public void Keys_compare_byte_by_byte_and_unsigned()
    {
        IdentityKey[] keys = [.. Enumerable.Range(0, 20).Select(static i => Key((byte)i))];
        string[] sorted = [.. keys.Order().Select(static key => Convert.ToHexString(key.Bytes))];
        Assert.Equal(sorted.Order(StringComparer.Ordinal), sorted);
        Assert.True(IdentityKey.TryParse(keys[0].Bytes, out IdentityKey? again));
        Assert.True(again == keys[0] && again.Equals((object)keys[0]) && again.GetHashCode() == keys[0].GetHashCode());
        Assert.Equal(0, again.CompareTo(keys[0]));
        Assert.True(again != keys[1]);
        Assert.False(again == null);
    }

    [Fact]
    public void A_fingerprint_has_the_documented_form_and_value()
    {
        // Computed independently: base64.b32encode(hashlib.sha256(b"PSSecureChat/1 fingerprint\0" + key).digest()[:20])
        IdentityKey key = Key(0x42);
        Assert.Equal("2152f8d19b791d24453242e15f2eab6cb7cffa7b6a5ed30097960e069881db12", Convert.ToHexStringLower(key.Bytes));
        Assert.Equal("yk2i-stgg-ogts-jmut-wc7l-upvi-ulzr-2qhs", key.Fingerprint);
        Assert.Equal(key.Fingerprint, key.ToString());
    }

    [Fact]
    public void A_fingerprint_is_read_in_any_case_with_dashes_or_spaces_or_without()
    {
        string canonical = Key(1).Fingerprint;
        string bare = canonical.Replace("-", "", StringComparison.Ordinal);
        foreach (string typed in new[] { canonical, bare, bare.ToUpperInvariant(), canonical.Replace('-', ' '), $" {canonical} " })
        {
            Assert.True(Fingerprint.TryNormalize(typed, out string? normalized));
            Assert.Equal(canonical, normalized);
        }

        foreach (string? wrong in new[] { null, "", bare[1..], bare + "a", "0" + bare[1..], "é" + bare[1..] })
        {
            Assert.False(Fingerprint.TryNormalize(wrong, out _));
        }
    }

    [Fact]
    public void A_signature_holds_for_its_message_alone_and_only_in_full_length()
    {
        using IdentityKeyPair pair = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        byte[] signature = new byte[IdentityKeyPair.SignatureSize];
        pair.Sign("message"u8, signature);
        Assert.True(pair.PublicKey.Verify("message"u8, signature));
        Assert.False(pair.PublicKey.Verify("massage"u8, signature));
        Assert.False(pair.PublicKey.Verify("message"u8, signature.AsSpan(0, 63)));
        Assert.False(pair.PublicKey.Verify("message"u8, [.. signature, 0]));
    }

    [Fact]
    public void A_stored_seed_gives_the_same_identity_again()
    {
        using IdentityKeyPair pair = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        byte[] seed = new byte[IdentityKeyPair.SeedSize];
        pair.ExportSecretSeedForSealing(seed);
        using IdentityKeyPair again = IdentityKeyPair.FromSeed(seed);
        Assert.Equal(pair.PublicKey, again.PublicKey);
        Assert.Throws<ArgumentException>(() => IdentityKeyPair.FromSeed(seed.AsSpan(1)));
    }

    [Fact]
    public void A_disposed_key_pair_signs_nothing_and_tells_nothing()
    {
        IdentityKeyPair pair = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        pair.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Sign("m"u8, new byte[64]));
        Assert.Throws<ObjectDisposedException>(() => pair.ExportSecretSeedForSealing(new byte[32]));
    }

    private static IdentityKey Key(byte seed)
    {
        using IdentityKeyPair pair = IdentityKeyPair.FromSeed(HandshakePair.Filled(32, seed));
        return pair.PublicKey;
    }
}
