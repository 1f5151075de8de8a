using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace PSSecureChat.Engine.Identity;

/// <summary>
/// The short name of an identity key: the first 20 bytes of SHA-256("PSSecureChat/1 fingerprint" ‖ 00 ‖ key) in
/// base32 (RFC 4648, lower case, no padding), as eight groups of four: "abcd-efgh-…". 160 bits, so that no second key
/// with the same fingerprint can be searched for.
/// </summary>
internal static class Fingerprint
{
    private const int HashBytes = 20;
    private const int Digits = HashBytes * 8 / 5;
    private const int GroupSize = 4;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private static ReadOnlySpan<byte> Context => "PSSecureChat/1 fingerprint\0"u8;

    /// <summary>The fingerprint of a key, in canonical form.</summary>
    public static string Of(ReadOnlySpan<byte> key)
    {
        Span<byte> input = stackalloc byte[Context.Length + IdentityKey.Size];
        Context.CopyTo(input);
        key.CopyTo(input[Context.Length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);

        Span<char> digits = stackalloc char[Digits];
        for (int i = 0; i < Digits; i++)
        {
            // Five bits, the highest first; they lie in one byte or across two. Digit 31 ends exactly with byte 19.
            int bit = i * 5;
            int pair = (hash[bit / 8] << 8) | hash[(bit / 8) + 1];
            digits[i] = Alphabet[(pair >> (11 - (bit % 8))) & 31];
        }

        return Group(digits);
    }

    /// <summary>Reads what a person typed: any case, with or without dashes and spaces.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fingerprint">The canonical form.</param>
    /// <returns>False when these are not 32 digits of the alphabet.</returns>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? fingerprint)
    {
        fingerprint = null;
        Span<char> digits = stackalloc char[Digits];
        int count = 0;
        foreach (char c in text ?? "")
        {
            if (c is '-' or ' ')
            {
                continue;
            }

            char digit = char.ToLowerInvariant(c);
            if (count == Digits || !Alphabet.Contains(digit))
            {
                return false;
            }

            digits[count++] = digit;
        }

        fingerprint = count == Digits ? Group(digits) : null;
        return fingerprint is not null;
    }

    private static string Group(ReadOnlySpan<char> digits)
    {
        Span<char> text = stackalloc char[Digits + (Digits / GroupSize) - 1];
        text.Fill('-');
        for (int i = 0; i < Digits; i++)
        {
            text[i + (i / GroupSize)] = digits[i];
        }

        return new string(text);
    }
}
