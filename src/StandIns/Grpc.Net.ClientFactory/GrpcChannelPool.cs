using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.Net.ClientFactory;

/// <summary>One channel a client name, shared by all clients of that name and kept as long as the service provider.</summary>
internal sealed class GrpcChannelPool(
    IServiceProvider services,
    IHttpMessageHandlerFactory handlerFactory,
    IOptionsMonitor<GrpcClientFactoryOptions> options,
    ILoggerFactory loggerFactory) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<(GrpcChannel Channel, CallInvoker Invoker)>> _channels = new(StringComparer.Ordinal);

    public CallInvoker GetInvoker(string name) =>
        _channels.GetOrAdd(name, key => new Lazy<(GrpcChannel, CallInvoker)>(() => Create(key))).Value.Invoker;

    public void Dispose()
    {
        foreach (var entry in _channels.Values)
        {
            if (entry.IsValueCreated)
                entry.Value.Channel.Dispose();
        }
    }

    private (GrpcChannel Channel, CallInvoker Invoker) Create(string name)
    {
        var clientOptions = options.Get(name);
        var channelOptions = new GrpcChannelOptions
        {
            // The handler belongs to the HTTP client factory, so the channel must not dispose it.
            HttpHandler = handlerFactory.CreateHandler(name),
            DisposeHttpClient = false,
            LoggerFactory = loggerFactory,
            ServiceProvider = services,
        };
        foreach (var configure in clientOptions.ChannelOptionsActions)
            configure(channelOptions);

        var address = clientOptions.Address
            ?? throw new InvalidOperationException(
                $"The gRPC client '{name}' has no address. Set {nameof(GrpcClientFactoryOptions.Address)}.");
        // The channel would leave such credentials out of its calls without a word.
        if (clientOptions.HasCallCredentials && address.Scheme == Uri.UriSchemeHttp
            && !channelOptions.UnsafeUseInsecureChannelCallCredentials)
        {
            throw new InvalidOperationException(
                $"The gRPC client '{name}' has call credentials, which need TLS. Use an https address or set " +
                $"{nameof(GrpcChannelOptions.UnsafeUseInsecureChannelCallCredentials)}.");
        }

        var channel = GrpcChannel.ForAddress(address, channelOptions);
        var interceptors = clientOptions.InterceptorRegistrations
            .Where(registration => registration.Scope == InterceptorScope.Channel)
            .Select(registration => registration.Creator(services))
            .ToArray();
        return (channel, channel.CreateCallInvoker().Intercept(interceptors));
    }
}
