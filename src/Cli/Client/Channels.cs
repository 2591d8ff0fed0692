using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Governance.Cli.Client;

/// <summary>One HTTP/2 connection to each service, opened when it is first needed.</summary>
internal sealed class Channels(Func<string, Uri> address) : IDisposable
{
    private readonly Dictionary<string, GrpcChannel> open = [];

    public CallInvoker To(string service, Interceptor interceptor) => Channel(service).Intercept(interceptor);

    public void Dispose()
    {
        foreach (var channel in open.Values)
            channel.Dispose();
    }

    private GrpcChannel Channel(string service)
    {
        if (!open.TryGetValue(service, out var channel))
        {
            channel = GrpcChannel.ForAddress(address(service), new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler
                {
                    ConnectTimeout = TimeSpan.FromSeconds(3),
                    // A watch may be silent for long; the ping finds a dead peer that a load balancer hides.
                    KeepAlivePingDelay = TimeSpan.FromSeconds(30),
                    KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
                    EnableMultipleHttp2Connections = true,
                },
                DisposeHttpClient = true,
            });
            open[service] = channel;
        }

        return channel;
    }
}
