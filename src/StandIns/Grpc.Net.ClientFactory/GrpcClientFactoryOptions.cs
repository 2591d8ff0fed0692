using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Grpc.Net.ClientFactory;

/// <summary>How the clients of one name are made.</summary>
public class GrpcClientFactoryOptions
{
    public Uri? Address { get; set; }

    public IList<Action<GrpcChannelOptions>> ChannelOptionsActions { get; } = [];

    /// <summary>Run before every call, with the services of the scope that the client was made in.</summary>
    public IList<Action<CallOptionsContext>> CallOptionsActions { get; } = [];

    public IList<InterceptorRegistration> InterceptorRegistrations { get; } = [];

    /// <summary>Makes the client; its public constructor with a CallInvoker when null.</summary>
    public Func<CallInvoker, object>? Creator { get; set; }

    internal bool HasCallCredentials { get; set; }
}

public enum InterceptorScope
{
    /// <summary>One interceptor for all clients of the name.</summary>
    Channel = 0,

    /// <summary>One interceptor for each client, so it may use services of the client's scope.</summary>
    Client = 1,
}

public class InterceptorRegistration
{
    public InterceptorRegistration(InterceptorScope scope, Func<IServiceProvider, Interceptor> creator)
    {
        ArgumentNullException.ThrowIfNull(creator);
        Scope = scope;
        Creator = creator;
    }

    public InterceptorScope Scope { get; }

    public Func<IServiceProvider, Interceptor> Creator { get; }
}

public class CallOptionsContext(CallOptions callOptions, IServiceProvider serviceProvider)
{
    public CallOptions CallOptions { get; set; } = callOptions;

    public IServiceProvider ServiceProvider { get; } = serviceProvider;
}
