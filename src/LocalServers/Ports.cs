using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Governance.LocalServers;

public static class Ports
{
    // Below Linux's range for outgoing connections (32768 and up), so that no client socket takes a port between its choice and its use.
    private const int First = 20000;
    private const int Last = 30000;
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A free loopback port, never given twice by one process.</summary>
    public static int Free()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (IsFree(port) && Given.TryAdd(port, true)) return port;
        }
        throw new LocalServerException($"no free port between {First} and {Last} on 127.0.0.1");
    }

    public static bool IsFree(int port)
    {
        // Any address: a listener on 0.0.0.0 would otherwise go unnoticed until the server itself fails.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Waits a moment for the port of a process that was killed: the kernel closes its sockets after its end.</summary>
    public static async Task FreedAsync(int port, CancellationToken cancellation)
    {
        for (var tries = 0; tries < 50 && !IsFree(port); tries++)
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
    }

    /// <summary>Throws one clear line when somebody else listens on the port.</summary>
    public static void Require(int port, string user)
    {
        if (!IsFree(port)) throw new LocalServerException($"port {port} for {user} is already in use on this machine");
    }
}
