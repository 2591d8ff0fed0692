using Governance.Contracts.Events;
using RabbitMQ.Client;

namespace Governance.ServiceDefaults.Events;

/// <summary>
/// Lays exchanges, queues and bindings of every event's consumers before the first event is published, in the names and
/// arguments that MassTransit uses: otherwise what is published before a consumer's first start would be lost.
/// </summary>
public sealed class EventTopology(BrokerAddress broker)
{
    private bool laid;

    public async Task LayAsync(CancellationToken cancellation)
    {
        if (laid)
            return;
        await using var connection = await broker.ConnectAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        foreach (var (type, routes) in EventRoutes.Consumers)
        {
            var exchange = ExchangeOf(type);
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellation);
            foreach (var (service, routingKey) in routes)
            {
                await channel.ExchangeDeclareAsync(service, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
                await channel.QueueDeclareAsync(
                    service, durable: true, exclusive: false, autoDelete: false, arguments: QueueArguments(), cancellationToken: cancellation);
                await channel.QueueBindAsync(service, service, "", cancellationToken: cancellation);
                await channel.ExchangeBindAsync(service, exchange, routingKey, cancellationToken: cancellation);
            }
        }
        laid = true;
    }

    public static string ExchangeOf(Type type) => $"{type.Namespace}:{type.Name}";

    public static Dictionary<string, object?> QueueArguments() => new() { ["x-queue-type"] = "quorum", ["x-single-active-consumer"] = true };
}

/// <summary>Where the broker is, as <c>amqp://user:password@host:port</c>.</summary>
public sealed record BrokerAddress(Uri Uri)
{
    /// <summary>A connection for one piece of work, beside the bus.</summary>
    public Task<IConnection> ConnectAsync(CancellationToken cancellation) =>
        new ConnectionFactory { Uri = Uri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(cancellation);
}
