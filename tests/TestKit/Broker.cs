using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Contracts.Events;
using Governance.ServiceDefaults.Events;
using RabbitMQ.Client;

namespace Governance.TestKit;

/// <summary>Speaks to the broker as another service would: publishes events, and hears those that are published.</summary>
public sealed class Broker : IAsyncDisposable
{
    private readonly IConnection connection;
    private readonly IChannel channel;

    private Broker(IConnection connection, IChannel channel)
    {
        this.connection = connection;
        this.channel = channel;
    }

    public static async Task<Broker> ConnectAsync(TestServers servers)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(servers.Rabbit.ConnectionString) }.CreateConnectionAsync();
        return new Broker(connection, await connection.CreateChannelAsync(new CreateChannelOptions(true, true)));
    }

    /// <summary>In the envelope that MassTransit reads. The same id twice is a repeat.</summary>
    public async Task PublishAsync<T>(T happened, Guid messageId)
        where T : IEvent
    {
        var envelope = new JsonObject
        {
            ["messageId"] = messageId.ToString(),
            ["messageType"] = new JsonArray($"urn:message:{typeof(T).Namespace}:{typeof(T).Name}"),
            ["message"] = JsonSerializer.SerializeToNode(happened, EventJson.Options),
        };
        var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json", Persistent = true, MessageId = messageId.ToString() };
        await channel.BasicPublishAsync(
            EventTopology.ExchangeOf(typeof(T)), happened.RoutingKey, mandatory: false, properties, JsonSerializer.SerializeToUtf8Bytes(envelope));
    }

    /// <summary>A queue that gets every event of this kind from now on.</summary>
    public async Task<string> ListenAsync<T>()
        where T : IEvent
    {
        await channel.ExchangeDeclareAsync(EventTopology.ExchangeOf(typeof(T)), ExchangeType.Topic, durable: true);
        var queue = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(queue.QueueName, EventTopology.ExchangeOf(typeof(T)), EventRoute.Any);
        return queue.QueueName;
    }

    /// <summary>The next event in a queue, waited for.</summary>
    public async Task<(T Event, Guid MessageId)> NextAsync<T>(string queue)
        where T : IEvent
    {
        var got = await Eventually.BecomesAsync(() => channel.BasicGetAsync(queue, autoAck: true), g => g is not null);
        var envelope = JsonNode.Parse(got!.Body.Span)!;
        return (envelope["message"].Deserialize<T>(EventJson.Options)!, Guid.Parse(envelope["messageId"]!.GetValue<string>()));
    }

    /// <summary>How many events wait in a queue.</summary>
    public async Task<uint> CountAsync(string queue) => await channel.MessageCountAsync(queue);

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        await connection.DisposeAsync();
    }
}
