using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Events;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;
using RabbitMQ.Client;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Operations;

public static class OperationsErrors
{
    public static readonly ErrorDefinition DeadLetterNotFound = new("DEAD_LETTER_NOT_FOUND", StatusCode.NotFound,
        "There is no dead letter {id}.", "没有编号为 {id} 的死信。");
}

/// <summary>The operator's view of a service's events.</summary>
public sealed class OperationsService(ServiceDatabase database, Commands commands, BrokerAddress broker) : Common.V1.Operations.OperationsBase
{
    public override async Task<GetOutboxResponse> GetOutbox(GetOutboxRequest request, ServerCallContext context) =>
        await database.FirstAsync(
            """
            select (select count(*) from outbox where event is not null),
                   (select extract(epoch from now() - min(created_at))::float8 from outbox where event is not null),
                   (select count(*) from dead_letters)
            """,
            reader => new GetOutboxResponse
            {
                Depth = reader.GetInt64(0),
                OldestAge = reader.DoubleOrNull(1) is { } seconds ? Duration.FromTimeSpan(TimeSpan.FromSeconds(Math.Max(0, seconds))) : null,
                DeadLetters = reader.GetInt64(2),
            },
            [],
            context.CancellationToken) ?? new GetOutboxResponse();

    public override async Task<ListDeadLettersResponse> ListDeadLetters(ListDeadLettersRequest request, ServerCallContext context)
    {
        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var letters = await database.QueryAsync(
            """
            select message_id, consumer, event, error, failed_at from dead_letters
            where $1::timestamptz is null or (failed_at, message_id) < ($1, $2)
            order by failed_at desc, message_id desc limit $3
            """,
            reader => new DeadLetter
            {
                MessageId = reader.GetGuid(0).ToString(),
                Consumer = reader.GetString(1),
                Event = reader.GetString(2),
                Error = reader.GetString(3),
                FailedAt = reader.Instant(4).ToTimestamp(),
            },
            [N(page.InstantAfter(0)), N(page.IdAfter(1)), P(page.Fetch)],
            context.CancellationToken);
        var response = new ListDeadLettersResponse { NextPageToken = page.Next(letters, l => [Page.Key(l.FailedAt.ToDateTimeOffset()), l.MessageId]) };
        response.DeadLetters.Add(letters);
        return response;
    }

    public override Task<ReplayDeadLetterResponse> ReplayDeadLetter(ReplayDeadLetterRequest request, ServerCallContext context) =>
        commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var id = Guid.Parse(request.MessageId);
            var (payload, failedAt) = await command.FirstAsync<(byte[], DateTimeOffset)?>(
                "select payload, failed_at from dead_letters where message_id = $1 and consumer = $2",
                reader => (reader.GetFieldValue<byte[]>(0), reader.Instant(1)), P(id), P(request.Consumer))
                ?? throw new RefusedException(OperationsErrors.DeadLetterNotFound.With(("id", request.MessageId)));

            // Sent before the row is gone: dying in between sends it twice, and the inbox makes that harmless.
            await SendAsync(request.Consumer, payload, context.CancellationToken);
            // Unless the consumer has given up on it again by now.
            command.Write(
                "delete from dead_letters where message_id = $1 and consumer = $2 and failed_at = $3", P(id), P(request.Consumer), P(failedAt));
            return new ReplayDeadLetterResponse();
        });

    private async Task SendAsync(string queue, byte[] envelope, CancellationToken cancellation)
    {
        await using var connection = await broker.ConnectAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellation);
        var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json", Persistent = true };
        await channel.BasicPublishAsync("", queue, mandatory: true, properties, envelope, cancellation);
    }
}
