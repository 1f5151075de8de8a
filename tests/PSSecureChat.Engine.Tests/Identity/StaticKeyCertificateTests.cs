using System.Buffers.Binary;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Tests.Identity;

public sealed class StaticKeyCertificateTests : IDisposable
{
    private const long Day = 24 * 60 * 60;
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly IdentityKeyPair _identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
    private readonly X25519KeyPair _static = X25519KeyPair.Generate(SystemRandomSource.Instance);

    public void Dispose()
    {
        _identity.Dispose();
        _static.Dispose();
    }

    [Fact]
    public void A_certificate_has_112_bytes_and_names_its_identity()
    {
        byte[] certificate = StaticKeyCertificate.Issue(_identity, _static.PublicKey, Now);
        Assert.Equal(112, certificate.Length);
        Assert.Equal(112, StaticKeyCertificate.Size);
        Assert.Equal(1_800_000_000, BinaryPrimitives.ReadInt64BigEndian(certificate.AsSpan(32)));
        Assert.Equal(1_800_000_000 + Day, BinaryPrimitives.ReadInt64BigEndian(certificate.AsSpan(40)));
        Assert.True(StaticKeyCertificate.TryVerify(
            certificate, _static.PublicKey, Now, out IdentityKey? identity, out CertificateStatus status));
        Assert.Equal(_identity.PublicKey, identity);
        Assert.Equal(CertificateStatus.Valid, status);
    }

    [Theory]
    [InlineData(-Day - 1, CertificateStatus.NotYetValid)]
    [InlineData(-Day, CertificateStatus.Valid)]
    [InlineData(-Day + 1, CertificateStatus.Valid)]
    [InlineData(2 * Day - 1, CertificateStatus.Valid)]
    [InlineData(2 * Day, CertificateStatus.Valid)]
    [InlineData(2 * Day + 1, CertificateStatus.Expired)]
    public void Clocks_may_differ_by_24_hours_and_not_by_a_second_more(long seconds, object expected) =>
        Assert.Equal((CertificateStatus)expected, Verify(StaticKeyCertificate.Issue(_identity, _static.PublicKey, Now), seconds));

    [Theory]
    [InlineData(0, Day - 1, CertificateStatus.Valid)]
    [InlineData(0, Day, CertificateStatus.Valid)]
    [InlineData(0, Day + 1, CertificateStatus.BadLifetime)]
    [InlineData(0, 0, CertificateStatus.Valid)]
    [InlineData(0, -1, CertificateStatus.BadLifetime)]
    [InlineData(-1_800_000_000 - 1, Day, CertificateStatus.BadLifetime)]
    [InlineData(long.MaxValue - 1_800_000_000, 0, CertificateStatus.BadLifetime)]
    public void A_signed_life_of_more_than_24_hours_is_refused(long begin, long end, object expected) =>
        Assert.Equal((CertificateStatus)expected, Verify(Sign(1_800_000_000 + begin, 1_800_000_000 + end), 0));

    [Fact]
    public void A_flipped_bit_anywhere_is_refused()
    {
        byte[] certificate = StaticKeyCertificate.Issue(_identity, _static.PublicKey, Now);
        for (int position = 0; position < certificate.Length; position++)
        {
            certificate[position] ^= 0x10;
            Assert.Contains(Verify(certificate, 0), new[] { CertificateStatus.BadIdentity, CertificateStatus.BadSignature });
            certificate[position] ^= 0x10;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(111)]
    [InlineData(113)]
    public void Another_length_is_refused(int length) =>
        Assert.Equal(CertificateStatus.BadLength, Verify(new byte[length], 0));

    [Fact]
    public void An_unusable_identity_is_refused() =>
        Assert.Equal(CertificateStatus.BadIdentity, Verify(new byte[112], 0));

    [Fact]
    public void It_certifies_one_static_key_and_no_other()
    {
        using X25519KeyPair other = X25519KeyPair.Generate(SystemRandomSource.Instance);
        Assert.Equal(CertificateStatus.BadSignature, Verify(StaticKeyCertificate.Issue(_identity, other.PublicKey, Now), 0));
    }

    private CertificateStatus Verify(byte[] certificate, long seconds)
    {
        bool valid = StaticKeyCertificate.TryVerify(
            certificate, _static.PublicKey, Now.AddSeconds(seconds), out IdentityKey? identity, out CertificateStatus status);
        Assert.Equal(valid, identity is not null);
        Assert.Equal(valid, status == CertificateStatus.Valid);
        return status;
    }

    /// <summary>The layout written down a second time, with times that Issue would not choose.</summary>
    private byte[] Sign(long notBefore, long notAfter)
    {
        byte[] times = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(times, notBefore);
        BinaryPrimitives.WriteInt64BigEndian(times.AsSpan(8), notAfter);
        byte[] signature = new byte[64];
        _identity.Sign([.. "PSSecureChat/1 noise-static"u8, 0, .. _static.PublicKey.Bytes, .. times], signature);
        return [.. _identity.PublicKey.Bytes, .. times, .. signature];
    }
}
