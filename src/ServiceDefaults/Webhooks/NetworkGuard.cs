using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Governance.ServiceDefaults.Webhooks;

/// <summary>
/// Which addresses may be posted to. An operator names any address, and the service stands inside the city's network: without a guard it
/// would be a way to whatever only that network reaches. Public addresses are open, and the networks of <c>Webhooks__AllowedNetworks</c>.
/// </summary>
public sealed class NetworkGuard(IReadOnlyList<IPNetwork> allowed)
{
    // RFC 6890: this host, private, shared, loopback, link-local, protocol assignments, documentation, 6to4 relays, benchmarks,
    // multicast, reserved.
    private static readonly IPNetwork[] ClosedV4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork PublicV6 = IPNetwork.Parse("2000::/3");

    // Teredo and 6to4 carry IPv4 addresses of any kind inside; documentation.
    private static readonly IPNetwork[] ClosedV6 = [.. new[] { "2001::/32", "2002::/16", "2001:db8::/32" }.Select(IPNetwork.Parse)];

    public static NetworkGuard Read(IConfiguration configuration)
    {
        var networks = configuration.GetSection("Webhooks:AllowedNetworks").GetChildren().Select(c => c.Value ?? "").ToList();
        foreach (var text in networks)
            if (!IPNetwork.TryParse(text, out _))
                throw new SettingsException($"Webhooks__AllowedNetworks: '{text}' is not a network, as in 10.20.0.0/16.");
        return new NetworkGuard([.. networks.Select(n => IPNetwork.Parse(n))]);
    }

    public bool Allows(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (allowed.Any(network => network.Contains(address)))
            return true;
        return address.AddressFamily is AddressFamily.InterNetwork
            ? !ClosedV4.Any(network => network.Contains(address))
            : PublicV6.Contains(address) && !ClosedV6.Any(network => network.Contains(address));
    }
}
