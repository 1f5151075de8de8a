using System.Text;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Tests.Identity;

public class SafetyNumberTests
{
    [Fact]
    public void The_core_gives_the_number_that_libsignal_publishes()
    {
        // The figures of libsignal's fingerprint test, version 1: serialized keys (05 ‖ X25519) and telephone numbers.
        string alice = SafetyNumber.Half(
            Convert.FromHexString("0506863bc66d02b40d27b8d49ca7c09e9239236f9d7d25d6fcca5ce13c7064d868"),
            Encoding.ASCII.GetBytes("+14152222222"));
        string bob = SafetyNumber.Half(
            Convert.FromHexString("05f781b6fb32fed9ba1cf2de978d4d5da28dc34046ae814402b5c0dbd96fda907b"),
            Encoding.ASCII.GetBytes("+14153333333"));
        const string Published = "300354477692869396892869876765458257569162576843440918079131";
        Assert.Equal(Published, SafetyNumber.Combine(alice, bob));
        Assert.Equal(Published, SafetyNumber.Combine(bob, alice));
    }

    [Fact]
    public void Both_sides_see_the_same_number_and_another_key_changes_it()
    {
        using IdentityKeyPair alice = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        using IdentityKeyPair bob = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        using IdentityKeyPair mallory = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        string number = SafetyNumber.Compute(alice.PublicKey, bob.PublicKey);
        Assert.Equal(number, SafetyNumber.Compute(bob.PublicKey, alice.PublicKey));
        Assert.NotEqual(number, SafetyNumber.Compute(alice.PublicKey, mallory.PublicKey));
        Assert.Matches("^[0-9]{5}( [0-9]{5}){11}$", number);
    }

    [Fact]
    public void A_typed_number_is_read_with_or_without_spaces()
    {
        string digits = string.Concat(Enumerable.Repeat("0123456789", 6));
        Assert.True(SafetyNumber.TryNormalize(digits, out string? number));
        Assert.StartsWith("01234 56789 01234", number, StringComparison.Ordinal);
        Assert.True(SafetyNumber.TryNormalize(number, out string? again));
        Assert.Equal(number, again);
        Assert.False(SafetyNumber.TryNormalize(digits[1..], out _));
        Assert.False(SafetyNumber.TryNormalize(digits[1..] + "x", out _));
        Assert.False(SafetyNumber.TryNormalize(null, out _));
    }
}
