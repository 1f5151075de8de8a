using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace PSSecureChat.Engine.Identity;

/// <summary>
/// Sixty digits that two people compare by voice, the same on both sides. The construction is that of Signal's numeric
/// fingerprint, version 0: each key is hashed 5,200 times by SHA-512, and the two halves of 30 digits stand in ascending
/// order. The stable identifier is the constant "PSSecureChat/1", because a peer here is its key and nothing else.
/// </summary>
/// <remarks>The iterations cost some milliseconds: computed when asked for, kept by who shows it often.</remarks>
internal static class SafetyNumber
{
    private const int Iterations = 5200;
    private const int Chunks = 6;
    private const int ChunkBytes = 5;
    private const int ChunkDigits = 5;
    private const int Digits = 2 * Chunks * ChunkDigits;

    private static ReadOnlySpan<byte> Version => [0, 0];

    private static ReadOnlySpan<byte> StableId => "PSSecureChat/1"u8;

    /// <summary>The number of two identities in either order: twelve groups of five digits, divided by spaces.</summary>
    public static string Compute(IdentityKey a, IdentityKey b) =>
        Group(Combine(Half(a.Bytes, StableId), Half(b.Bytes, StableId)));

    /// <summary>Reads what a person typed: sixty digits, with or without spaces and dashes.</summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? safetyNumber)
    {
        string digits = new([.. (text ?? "").Where(static c => c is not (' ' or '-'))]);
        safetyNumber = digits.Length == Digits && digits.All(char.IsAsciiDigit) ? Group(digits) : null;
        return safetyNumber is not null;
    }

    /// <summary>The two halves in ascending order of their digits.</summary>
    internal static string Combine(string a, string b) => string.CompareOrdinal(a, b) < 0 ? a + b : b + a;

    /// <summary>One side's 30 digits: hash 0 takes version ‖ key ‖ id ‖ key, each of the others hash ‖ key.</summary>
    internal static string Half(ReadOnlySpan<byte> key, ReadOnlySpan<byte> id)
    {
        byte[] first = [.. Version, .. key, .. id, .. key];
        Span<byte> round = stackalloc byte[SHA512.HashSizeInBytes + key.Length];
        Span<byte> hash = round[..SHA512.HashSizeInBytes];
        key.CopyTo(round[SHA512.HashSizeInBytes..]);
        SHA512.HashData(first, hash);
        for (int i = 1; i < Iterations; i++)
        {
            SHA512.HashData(round, hash);
        }

        string digits = "";
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            digits += FiveDigits(hash.Slice(chunk * ChunkBytes, ChunkBytes));
        }

        return digits;
    }

    /// <summary>40 bits, big-endian, modulo 100,000.</summary>
    private static string FiveDigits(ReadOnlySpan<byte> chunk)
    {
        long value = 0;
        foreach (byte next in chunk)
        {
            value = (value << 8) | next;
        }

        return (value % 100_000).ToString("D5", CultureInfo.InvariantCulture);
    }

    private static string Group(string digits) =>
        string.Join(' ', digits.Chunk(ChunkDigits).Select(static group => new string(group)));
}
