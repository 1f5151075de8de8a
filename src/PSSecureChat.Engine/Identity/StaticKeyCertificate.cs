using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Identity;

/// <summary>What became of a certificate. The peer is told none of it; it is for the local log, chiefly for clocks.</summary>
internal enum CertificateStatus
{
    Valid,

    /// <summary>Not 112 bytes.</summary>
    BadLength,

    /// <summary>The identity is not a usable Ed25519 key.</summary>
    BadIdentity,

    /// <summary>The identity has not signed this static key with these times.</summary>
    BadSignature,

    /// <summary>It ends before it begins or lives longer than 24 hours.</summary>
    BadLifetime,

    /// <summary>It begins more than 24 hours from now: one of the two clocks is wrong.</summary>
    NotYetValid,

    /// <summary>It ended more than 24 hours ago: one of the two clocks is wrong, or it is an old one.</summary>
    Expired,
}

/// <summary>
/// An identity key's word for a Noise static key, 112 bytes:
/// <code>
///   0  32  identity key, Ed25519
///  32   8  not before, seconds since 1970-01-01 UTC, big-endian
///  40   8  not after, the same
///  48  64  Ed25519 signature over "PSSecureChat/1 noise-static" 00 static(32) notBefore(8) notAfter(8)
/// </code>
/// The static key itself is not in it: Noise has transported and authenticated that.
/// </summary>
internal static class StaticKeyCertificate
{
    /// <summary>The length in bytes.</summary>
    public const int Size = IdentityKey.Size + TimesSize + IdentityKeyPair.SignatureSize;

    /// <summary>How long a certificate lives, in seconds.</summary>
    public const long Lifetime = 24 * 60 * 60;

    /// <summary>How far two clocks may differ, in seconds.</summary>
    public const long ClockSkew = 24 * 60 * 60;

    private const int TimesSize = 2 * sizeof(ulong);

    // The last second of the year 9999, the last that DateTimeOffset knows. Above it lie only forgeries and overflows.
    private const ulong LastSecond = 253_402_300_799;

    private static ReadOnlySpan<byte> Context => "PSSecureChat/1 noise-static\0"u8;

    private static int SignedSize => Context.Length + NoiseSizes.Dh + TimesSize;

    /// <summary>Certifies our static key from now on for 24 hours. A server that runs longer issues another one.</summary>
    public static byte[] Issue(IdentityKeyPair identity, X25519PublicKey noiseStatic, DateTimeOffset now)
    {
        byte[] certificate = new byte[Size];
        Span<byte> times = certificate.AsSpan(IdentityKey.Size, TimesSize);
        identity.PublicKey.Bytes.CopyTo(certificate);
        BinaryPrimitives.WriteInt64BigEndian(times, now.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64BigEndian(times[sizeof(long)..], now.ToUnixTimeSeconds() + Lifetime);

        Span<byte> signed = stackalloc byte[SignedSize];
        WriteSigned(signed, noiseStatic, times);
        identity.Sign(signed, certificate.AsSpan(IdentityKey.Size + TimesSize));
        return certificate;
    }

    /// <summary>Checks a certificate against the static key that the handshake has authenticated.</summary>
    /// <param name="certificate">The bytes from the handshake's payload.</param>
    /// <param name="noiseStatic">The remote static key of that handshake.</param>
    /// <param name="now">Our clock.</param>
    /// <param name="identity">Who it is.</param>
    /// <param name="status">Why it was refused. Times are judged last: they are only worth a word when the signature holds.</param>
    public static bool TryVerify(
        ReadOnlySpan<byte> certificate,
        X25519PublicKey noiseStatic,
        DateTimeOffset now,
        [NotNullWhen(true)] out IdentityKey? identity,
        out CertificateStatus status)
    {
        status = Verify(certificate, noiseStatic, now.ToUnixTimeSeconds(), out identity);
        return status == CertificateStatus.Valid;
    }

    private static CertificateStatus Verify(
        ReadOnlySpan<byte> certificate, X25519PublicKey noiseStatic, long now, out IdentityKey? identity)
    {
        identity = null;
        if (certificate.Length != Size)
        {
            return CertificateStatus.BadLength;
        }

        ReadOnlySpan<byte> times = certificate.Slice(IdentityKey.Size, TimesSize);
        Span<byte> signed = stackalloc byte[SignedSize];
        WriteSigned(signed, noiseStatic, times);
        if (!IdentityKey.TryParse(certificate[..IdentityKey.Size], out IdentityKey? signer))
        {
            return CertificateStatus.BadIdentity;
        }

        if (!signer.Verify(signed, certificate[(IdentityKey.Size + TimesSize)..]))
        {
            return CertificateStatus.BadSignature;
        }

        ulong notBefore = BinaryPrimitives.ReadUInt64BigEndian(times);
        ulong notAfter = BinaryPrimitives.ReadUInt64BigEndian(times[sizeof(ulong)..]);
        if (notAfter > LastSecond || notBefore > notAfter || notAfter - notBefore > Lifetime)
        {
            return CertificateStatus.BadLifetime;
        }

        if (now < (long)notBefore - ClockSkew)
        {
            return CertificateStatus.NotYetValid;
        }

        if (now > (long)notAfter + ClockSkew)
        {
            return CertificateStatus.Expired;
        }

        identity = signer;
        return CertificateStatus.Valid;
    }

    private static void WriteSigned(Span<byte> destination, X25519PublicKey noiseStatic, ReadOnlySpan<byte> times)
    {
        Context.CopyTo(destination);
        noiseStatic.Bytes.CopyTo(destination[Context.Length..]);
        times.CopyTo(destination[(Context.Length + NoiseSizes.Dh)..]);
    }
}
