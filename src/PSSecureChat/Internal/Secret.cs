using System.Runtime.InteropServices;
using System.Security;

namespace PSSecureChat.Internal;

/// <summary>The characters of a secure string, in an array that can be wiped.</summary>
internal static class Secret
{
    /// <summary>The characters; none for null. The caller clears the array.</summary>
    public static char[] Read(SecureString? secret)
    {
        if (secret is null)
        {
            return [];
        }

        nint copy = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            char[] characters = new char[secret.Length];
            Marshal.Copy(copy, characters, 0, characters.Length);
            return characters;
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(copy);
        }
    }
}
