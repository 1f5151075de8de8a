using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PSSecureChat.Internal;

/// <summary>A host and a port as people type them: host and port apart, host:port, [IPv6]:port, a bare IPv6 address.</summary>
internal readonly record struct PeerAddress(string Host, int Port)
{
    /// <summary>Reads an address.</summary>
    /// <param name="text">What was typed as address.</param>
    /// <param name="port">What was typed as port, or null.</param>
    /// <exception cref="ChatException">It cannot be read, or no port is named, or two different ones.</exception>
    public static PeerAddress Parse(string text, int? port)
    {
        (string host, string? typedPort) = Split(text.Trim());
        if (host.Length == 0)
        {
            throw ChatErrors.AddressNotUsable(text, "it names no host.");
        }

        if (typedPort is null)
        {
            return new PeerAddress(host, port ?? throw ChatErrors.AddressNotUsable(text, "no port is given."));
        }

        if (!int.TryParse(typedPort, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 65535)
        {
            throw ChatErrors.AddressNotUsable(text, $"'{typedPort}' is not a port (1 to 65535).");
        }

        return port is null || port == number
            ? new PeerAddress(host, number)
            : throw ChatErrors.AddressNotUsable(text, $"it names port {number}, and -Port names {port}.");
    }

    /// <summary>Host and port as one text.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static (string Host, string? Port) Split(string text)
    {
        if (text.StartsWith('['))
        {
            int end = text.IndexOf(']', StringComparison.Ordinal);
            string rest = end < 0 ? string.Empty : text[(end + 1)..];
            return end < 0 || (rest.Length > 0 && rest[0] != ':')
                ? throw ChatErrors.AddressNotUsable(text, "the brackets around an IPv6 address are not closed.")
                : (text[1..end], rest.Length > 0 ? rest[1..] : null);
        }

        if (IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return (text, null);
        }

        int colon = text.LastIndexOf(':');
        return colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
    }
}
