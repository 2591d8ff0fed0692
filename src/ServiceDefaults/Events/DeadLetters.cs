using System.Security.Cryptography;
using System.Text.Json;
using Governance.ServiceDefaults.Database;
using MassTransit;
using Microsoft.Extensions.Logging;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Events;

/// <summary>
/// Events that a consumer gave up on, kept in the service's own database where operators see them and can hand them to
/// their consumer again.
/// </summary>
public sealed partial class DeadLetters(ServiceDatabase database, TimeProvider clock, ILogger<DeadLetters> logger)
{
    private const int MaxErrorLength = 500;

    public async Task KeepAsync(ExceptionReceiveContext context)
    {
        var (messageId, name) = Envelope(context.GetBody());
        var exception = context.Exception.GetBaseException();
        GaveUp(name, messageId, exception);
        // Should the database be away as well, this throws, and the broker keeps the message.
        await database.FirstAsync(
            """
            insert into dead_letters (message_id, consumer, event, payload, error, failed_at) values ($1, $2, $3, $4, $5, $6)
            on conflict (message_id, consumer) do update set error = excluded.error, failed_at = excluded.failed_at
            """,
            _ => true,
            [
                P(messageId), P(context.InputAddress.AbsolutePath.Split('/')[^1]), P(name), P(context.GetBody()),
                P(Shorten($"{exception.GetType().Name}: {exception.Message}")), P(clock.GetUtcNow()),
            ],
            CancellationToken.None);
    }

    // { "messageId": "0193…", "messageType": ["urn:message:Governance.Contracts.Events:WorkOrderCompleted"], "message": { … } }
    private static (Guid MessageId, string Event) Envelope(byte[] body)
    {
        try
        {
            using var envelope = JsonDocument.Parse(body);
            return (
                envelope.RootElement.GetProperty("messageId").GetGuid(),
                envelope.RootElement.GetProperty("messageType")[0].GetString()!.Split(':')[^1]);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException or FormatException)
        {
            // Not one of ours; kept all the same, under an id made from its content.
            return (new Guid(SHA256.HashData(body).AsSpan(0, 16)), "unreadable");
        }
    }

    private static string Shorten(string text) => text.Length <= MaxErrorLength ? text : text[..MaxErrorLength];

    [LoggerMessage(Level = LogLevel.Error, Message = "Gave up on {Event} {MessageId}")]
    private partial void GaveUp(string @event, Guid messageId, Exception exception);
}
