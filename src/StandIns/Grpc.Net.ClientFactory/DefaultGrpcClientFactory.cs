using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grpc.Net.ClientFactory;

/// <summary>Made once a scope, so that client interceptors and call options get the services of the scope.</summary>
internal sealed class DefaultGrpcClientFactory(
    IServiceProvider services, GrpcChannelPool channels, IOptionsMonitor<GrpcClientFactoryOptions> options) : GrpcClientFactory
{
    public override TClient CreateClient<TClient>(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var registered = services.GetServices<GrpcClientRegistration>().FirstOrDefault(client => client.Name == name)
            ?? throw new InvalidOperationException($"No gRPC client is configured with the name '{name}'.");
        if (registered.ClientType != typeof(TClient))
            throw new InvalidOperationException($"The gRPC client '{name}' is a {registered.ClientType}, not a {typeof(TClient)}.");

        var clientOptions = options.Get(name);
        var interceptors = clientOptions.InterceptorRegistrations
            .Where(registration => registration.Scope == InterceptorScope.Client)
            .Select(registration => registration.Creator(services))
            .ToArray();
        var invoker = channels.GetInvoker(name).Intercept(interceptors);
        // Outermost, so that interceptors see the options that the call really has.
        if (clientOptions.CallOptionsActions.Count > 0)
            invoker = new CallOptionsInvoker(invoker, clientOptions.CallOptionsActions, services);

        if (clientOptions.Creator is null)
            return ClientActivator<TClient>.Create(services, [invoker]);
        return clientOptions.Creator(invoker) as TClient
            ?? throw new InvalidOperationException($"The creator of the gRPC client '{name}' did not make a {typeof(TClient)}.");
    }

    private static class ClientActivator<TClient>
    {
        public static readonly ObjectFactory<TClient> Create = ActivatorUtilities.CreateFactory<TClient>([typeof(CallInvoker)]);
    }
}

/// <summary>Which type a client name stands for.</summary>
internal sealed record GrpcClientRegistration(string Name, Type ClientType);
