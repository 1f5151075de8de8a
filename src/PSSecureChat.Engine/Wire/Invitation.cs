using System.Buffers.Binary;
using System.Formats.Cbor;
using System.Globalization;
using System.Security.Cryptography;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Wire;

/// <summary>
/// An invitation as one line of text:
/// <code>
///   "pssc1_"  base64url, no padding, of
///     0  2  n, the length of the CBOR, big-endian: tells a cut line
///     2  4  the first bytes of SHA-256("PSSecureChat/1 invitation" 00 CBOR): tells a changed one
///     6  n  CBOR: [identity(32), secret(32), expiry, port, [host, …]]
/// </code>
/// The line is a secret until it is used. It is shown by nothing but <see cref="Write"/>.
/// </summary>
internal sealed class Invitation : IDisposable
{
    private const string Prefix = "pssc1_";
    private const int LengthSize = 2;
    private const int ChecksumSize = 4;
    private const int HeaderSize = LengthSize + ChecksumSize;
    private const int MaxHost = 255;

    // Length and checksum, in whole digits.
    private const int MarkDigits = HeaderSize * 8 / 6;

    // The last second of the year 9999, the last that DateTimeOffset knows.
    private const ulong LastSecond = 253_402_300_799;

    /// <summary>Whose invitation it is.</summary>
    public required IdentityKey Identity { get; init; }

    /// <summary>The one-time secret. Owned.</summary>
    public required PreSharedKey Secret { get; init; }

    /// <summary>Until when it is good, by the inviter's clock; whole seconds.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The inviter's port.</summary>
    public required int Port { get; init; }

    /// <summary>Addresses or host names to try, in this order.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    private static ReadOnlySpan<byte> Context => "PSSecureChat/1 invitation\0"u8;

    /// <summary>Whether a text means to be an invitation, of whatever version. No host name has an underscore there.</summary>
    public static bool IsMeant(string? text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimStart();
        if (!rest.StartsWith("pssc", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        ReadOnlySpan<char> digits = rest[4..];
        int end = digits.IndexOf('_');
        return end > 0 && !digits[..end].ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>The digits behind a line's prefix by which its maker calls it; what is no line is taken for the mark itself.</summary>
    public static string MarkOf(string text)
    {
        string line = string.Concat(text.Where(static c => !char.IsWhiteSpace(c)));
        return line.StartsWith(Prefix, StringComparison.Ordinal) && line.Length >= Prefix.Length + MarkDigits ? line.Substring(Prefix.Length, MarkDigits) : text;
    }

    /// <summary>The line to hand over.</summary>
    public string Write()
    {
        CborWriter writer = new();
        writer.WriteStartArray(5);
        writer.WriteByteString(Identity.Bytes);
        writer.WriteByteString(Secret.Bytes);
        writer.WriteInt64(ExpiresAt.ToUnixTimeSeconds());
        writer.WriteInt32(Port);
        writer.WriteStartArray(Hosts.Count);
        foreach (string host in Hosts)
        {
            writer.WriteTextString(host);
        }

        writer.WriteEndArray();
        writer.WriteEndArray();
        byte[] bytes = new byte[HeaderSize + writer.BytesWritten];
        try
        {
            writer.Encode(bytes.AsSpan(HeaderSize));
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(bytes.Length - HeaderSize));
            Checksum(bytes.AsSpan(HeaderSize), bytes.AsSpan(LengthSize, ChecksumSize));
            return Prefix + Digits(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Reads a line; white space in it, as mail programs put there, does not matter.</summary>
    /// <exception cref="ProtocolException">Why it is not one; names nothing of its content.</exception>
    public static Invitation Parse(string text)
    {
        string line = string.Concat(text.Where(static c => !char.IsWhiteSpace(c)));
        if (!line.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new ProtocolException(IsMeant(line) ? "another version of the program made it" : "it does not begin like one");
        }

        byte[] bytes = Decode(line.AsSpan(Prefix.Length));
        try
        {
            return Read(bytes.AsMemory(HeaderSize));
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException or FormatException)
        {
            throw new ProtocolException("its content is not what it should be");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public void Dispose() => Secret.Dispose();

    /// <summary>Whose it is, and nothing of the secret.</summary>
    public override string ToString() => $"invitation of {Identity.Fingerprint}";

    // The length, then the characters, then the checksum: so that each fault gets its own name.
    private static byte[] Decode(ReadOnlySpan<char> digits)
    {
        foreach (char c in digits)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                throw new ProtocolException("it holds characters that are in none");
            }
        }

        // Four characters are three bytes, and the first two are the length.
        if (digits.Length < 4)
        {
            throw new ProtocolException("it is cut off");
        }

        int size = HeaderSize + BinaryPrimitives.ReadUInt16BigEndian(Bytes(digits[..4]));
        int expected = ((size * 8) + 5) / 6;
        if (size > HeaderSize + Limits.MaxInvitation)
        {
            throw new ProtocolException("it was changed on its way");
        }

        if (digits.Length != expected)
        {
            throw new ProtocolException(digits.Length < expected ? "it is cut off" : "something was added to its end");
        }

        byte[] bytes = Bytes(digits);
        Span<byte> checksum = stackalloc byte[ChecksumSize];
        Checksum(bytes.AsSpan(HeaderSize), checksum);
        // Encoded anew, because the last character has bits that no byte takes up.
        if (!checksum.SequenceEqual(bytes.AsSpan(LengthSize, ChecksumSize)) || !digits.SequenceEqual(Digits(bytes)))
        {
            CryptographicOperations.ZeroMemory(bytes);
            throw new ProtocolException("it was changed on its way");
        }

        return bytes;
    }

    private static string Digits(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    // Only base64url's characters come here, and never a remainder of one.
    private static byte[] Bytes(ReadOnlySpan<char> digits) => Convert.FromBase64String(
        digits.ToString().Replace('-', '+').Replace('_', '/').PadRight((digits.Length + 3) / 4 * 4, '='));

    private static Invitation Read(ReadOnlyMemory<byte> cbor)
    {
        CborReader reader = new(cbor, CborConformanceMode.Canonical);
        Require(reader.ReadStartArray() == 5);
        Require(IdentityKey.TryParse(reader.ReadDefiniteLengthByteString().Span, out IdentityKey? identity));
        ReadOnlyMemory<byte> secret = reader.ReadDefiniteLengthByteString();
        Require(secret.Length == NoiseSizes.Key);
        ulong expiry = reader.ReadUInt64();
        Require(expiry <= LastSecond);
        int port = reader.ReadInt32();
        Require(port is >= 1 and <= ushort.MaxValue);
        int count = reader.ReadStartArray() ?? 0;
        Require(count is >= 1 and <= Limits.MaxInvitationHosts);
        string[] hosts = new string[count];
        for (int i = 0; i < count; i++)
        {
            hosts[i] = reader.ReadTextString();
            Require(hosts[i].Length <= MaxHost && Uri.CheckHostName(hosts[i]) != UriHostNameType.Unknown);
        }

        reader.ReadEndArray();
        reader.ReadEndArray();
        Require(reader.BytesRemaining == 0);
        return new Invitation
        {
            Identity = identity,
            Secret = new PreSharedKey(secret.Span),
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds((long)expiry),
            Port = port,
            Hosts = hosts,
        };
    }

    private static void Require([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool condition)
    {
        if (!condition)
        {
            throw new FormatException();
        }
    }

    private static void Checksum(ReadOnlySpan<byte> cbor, Span<byte> destination)
    {
        using IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Context);
        sha.AppendData(cbor);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        sha.GetHashAndReset(hash);
        hash[..ChecksumSize].CopyTo(destination);
    }
}
