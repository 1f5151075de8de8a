using System.Net;
using System.Net.Sockets;

namespace PSSecureChat.Faults;

/// <summary>Ports for servers that are started again where they were.</summary>
internal static class FreePort
{
    /// <summary>One below the range from which outgoing connections take theirs: a server that is down for a moment must find its port free.</summary>
    public static int Find()
    {
        while (true)
        {
            int port = Random.Shared.Next(10_000, 32_000);
            using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // taken
            }
        }
    }
}
