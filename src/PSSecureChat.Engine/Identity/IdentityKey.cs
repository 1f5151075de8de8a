using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace PSSecureChat.Engine.Identity;

/// <summary>A peer's long-term Ed25519 public key (RFC 8032), the thing that pins and contacts hang on. Immutable.</summary>
internal sealed class IdentityKey : IEquatable<IdentityKey>, IComparable<IdentityKey>
{
    /// <summary>The length of an encoded key in bytes.</summary>
    public const int Size = 32;

    private readonly byte[] _bytes;
    private string? _fingerprint;

    private IdentityKey(byte[] bytes) => _bytes = bytes;

    /// <summary>The 32 bytes as they travel.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The key in the form people see; see <see cref="Identity.Fingerprint"/>.</summary>
    public string Fingerprint => _fingerprint ??= Identity.Fingerprint.Of(_bytes);

    /// <summary>Takes 32 bytes from outside, if they are a key that a signature can be held against.</summary>
    /// <remarks>
    /// Refused: encodings that are not canonical (one key, several names), points of low order (signatures that hold for
    /// any message) and points outside the subgroup of prime order, which no honest key pair has.
    /// </remarks>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out IdentityKey? key)
    {
        key = bytes.Length == Size && Ed25519.ValidatePublicKeyFull(bytes) ? new IdentityKey(bytes.ToArray()) : null;
        return key is not null;
    }

    /// <summary>Verifies an Ed25519 signature of 64 bytes; any other length is false.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == IdentityKeyPair.SignatureSize && Ed25519.Verify(signature, _bytes, message);

    public bool Equals(IdentityKey? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as IdentityKey);

    public override int GetHashCode() => BitConverter.ToInt32(_bytes, 0);

    /// <summary>Byte by byte, unsigned. When two peers dial each other at once, the smaller dialler's connection stays.</summary>
    public int CompareTo(IdentityKey? other) => other is null ? 1 : _bytes.AsSpan().SequenceCompareTo(other._bytes);

    /// <summary>The fingerprint.</summary>
    public override string ToString() => Fingerprint;

    public static bool operator ==(IdentityKey? left, IdentityKey? right) => Equals(left, right);

    public static bool operator !=(IdentityKey? left, IdentityKey? right) => !Equals(left, right);

    /// <summary>For a key this program has just computed from its seed, or has looked at before: that it is a point of the curve takes a tenth of a millisecond.</summary>
    internal static IdentityKey FromTrusted(byte[] bytes) => new(bytes);
}
