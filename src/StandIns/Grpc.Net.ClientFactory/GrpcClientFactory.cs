namespace Grpc.Net.ClientFactory;

/// <summary>Makes clients that were registered under a name.</summary>
public abstract class GrpcClientFactory
{
    public abstract TClient CreateClient<TClient>(string name)
        where TClient : class;
}
