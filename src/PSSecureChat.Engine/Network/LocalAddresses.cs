using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace PSSecureChat.Engine.Network;

/// <summary>Under which addresses others may reach this machine.</summary>
internal static class LocalAddresses
{
    /// <summary>The address listened on, or, when that is every one, those of this machine: IPv4 first, none of loopback or one link.</summary>
    public static IReadOnlyList<string> Reachable(IPAddress listening)
    {
        if (!listening.Equals(IPAddress.Any) && !listening.Equals(IPAddress.IPv6Any))
        {
            return [listening.ToString()];
        }

        return
        [
            .. NetworkInterface.GetAllNetworkInterfaces()
                .Where(static device => device.OperationalStatus == OperationalStatus.Up && device.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(static device => device.GetIPProperties().UnicastAddresses)
                .Select(static unicast => unicast.Address)
                .Where(address => IsReachable(address, listening.AddressFamily))
                .OrderBy(static address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
                .Select(static address => address.ToString())
                .Distinct()
                .Take(Limits.MaxInvitationHosts),
        ];
    }

    // 169.254/16 is IPv4's link-local range. A socket on every IPv6 address takes IPv4 as well.
    private static bool IsReachable(IPAddress address, AddressFamily listening) =>
        !IPAddress.IsLoopback(address) && address.AddressFamily switch
        {
            AddressFamily.InterNetwork => address.GetAddressBytes() is not [169, 254, ..],
            AddressFamily.InterNetworkV6 => listening == AddressFamily.InterNetworkV6 && !address.IsIPv6LinkLocal,
            _ => false,
        };
}
