using System.Security.Cryptography;

namespace PSSecureChat.Engine;

/// <summary>Version 7 UUIDs (RFC 9562, section 5.7); .NET 8, which PowerShell 7.4 runs on, has none.</summary>
internal static class UuidV7
{
    // Asking the generator for sixteen bytes costs as much as asking it for a page. Ids are public: nothing is lost by keeping a page.
    [ThreadStatic]
    private static byte[]? t_random;

    [ThreadStatic]
    private static int t_left;

    public static Guid Create(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        byte[] random = t_random ??= new byte[4096];
        if (t_left == 0)
        {
            RandomNumberGenerator.Fill(random);
            t_left = random.Length;
        }

        t_left -= bytes.Length;
        random.AsSpan(t_left, bytes.Length).CopyTo(bytes);
        long milliseconds = now.ToUnixTimeMilliseconds();
        for (int i = 0; i < 6; i++)
        {
            bytes[i] = (byte)(milliseconds >> (8 * (5 - i)));
        }

        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
