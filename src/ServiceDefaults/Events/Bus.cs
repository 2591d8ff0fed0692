using Governance.Contracts.Events;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace Governance.ServiceDefaults.Events;

/// <summary>The service's consumers: <c>events.Add&lt;WorkOrderCompletedConsumer, WorkOrderCompleted&gt;()</c>.</summary>
public sealed class EventConsumers
{
    private readonly List<Action<IServiceCollection>> registrations = [];
    private readonly List<Action<IReceiveEndpointConfigurator, IServiceProvider>> connections = [];

    public void Add<TConsumer, TEvent>()
        where TConsumer : EventConsumer<TEvent>
        where TEvent : class, IEvent
    {
        registrations.Add(services => services.AddSingleton<TConsumer>());
        // They keep nothing between events: one of each serves all, without a scope for each event.
        connections.Add((endpoint, provider) => endpoint.Instance(provider.GetRequiredService<TConsumer>()));
    }

    internal void Register(IServiceCollection services) => registrations.ForEach(register => register(services));

    internal void Connect(IReceiveEndpointConfigurator endpoint, IServiceProvider provider) =>
        connections.ForEach(connect => connect(endpoint, provider));
}

public static class Bus
{
    /// <summary>Messages under way at once.</summary>
    private const int Prefetch = 256;

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// One quorum queue a service, so that a record's events of all kinds arrive in the order in which they were written.
    /// What a consumer gives up on is kept as a dead letter.
    /// </summary>
    public static void AddBus(this IServiceCollection services, string service, BrokerAddress broker, EventConsumers consumers)
    {
        services.AddSingleton(broker);
        services.AddSingleton(consumers);
        services.AddSingleton<EventTopology>();
        services.AddSingleton<DeadLetters>();
        services.AddSingleton<DeliveryOrder>();
        consumers.Register(services);
        services.AddMassTransit(bus =>
        {
            // Nothing leaves a closed network.
            bus.DisableUsageTelemetry();
            // As with the relay: a broker that is away only degrades the service.
            bus.ConfigureHealthCheckOptions(options => options.MinimalFailureStatus = HealthStatus.Degraded);
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker.Uri);
                rabbit.Publish<IEvent>(topology => topology.Exclude = true);
                foreach (var type in EventRoutes.Consumers.Keys)
                    rabbit.Publish(type, topology => topology.ExchangeType = ExchangeType.Topic);
                rabbit.ConfigureJsonSerializerOptions(options =>
                {
                    options.Encoder = EventJson.Options.Encoder;
                    return options;
                });
                rabbit.ReceiveEndpoint(service, endpoint =>
                {
                    endpoint.SetQuorumQueue();
                    // A service gets those events only that its routes name.
                    endpoint.ConfigureConsumeTopology = false;
                    foreach (var (type, routes) in EventRoutes.Consumers)
                        foreach (var route in routes.Where(r => r.Service == service))
                            endpoint.Bind(EventTopology.ExchangeOf(type), binding =>
                            {
                                binding.ExchangeType = ExchangeType.Topic;
                                binding.RoutingKey = route.RoutingKey;
                            });
                    // Replicas side by side would handle a record's events in any order: the others stand by.
                    endpoint.SingleActiveConsumer = true;
                    endpoint.PrefetchCount = Prefetch;
                    endpoint.ConcurrentMessageLimit = Prefetch;
                    var letters = context.GetRequiredService<DeadLetters>();
                    endpoint.ConfigureError(pipe => pipe.UseFilter(new DeadLetterFilter(letters)));
                    endpoint.ConfigureReceive(pipe => pipe.UseFilter(context.GetRequiredService<DeliveryOrder>()));
                    consumers.Connect(endpoint, context);
                });
            });
        });
        services.AddHostedService<BusStart>();
        services.AddSingleton<OutboxRelay>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxRelay>());
    }

    /// <summary>
    /// Holds the service's start until its queue is consumed, but not for long: without a broker it still answers, and its
    /// events wait in the outbox.
    /// </summary>
    private sealed class BusStart(IBusControl bus) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(StartPatience);
            try
            {
                await bus.WaitForHealthStatus(BusHealthStatus.Healthy, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The bus goes on connecting by itself.
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class DeadLetterFilter(DeadLetters letters) : IFilter<ExceptionReceiveContext>
    {
        public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
        {
            await letters.KeepAsync(context);
            await next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetters");
    }
}
