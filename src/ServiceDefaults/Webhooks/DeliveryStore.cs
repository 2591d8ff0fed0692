using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Webhooks;

public sealed class DeliveryStore(ServiceDatabase database)
{
    private const string Columns =
        "id, destination_id, event_id, event, territory, happened_at, state, tries, due_at, tried_at, status, error";

    private static readonly Insert Deliveries = new(
        "deliveries",
        "id uuid, destination_id uuid, event_id uuid, event text, territory text, payload bytea, happened_at timestamptz, state smallint, "
        + "tries int, due_at timestamptz, status int, error text");

    internal static void Add(Command command, Guid destinationId, Guid eventId, string happened, string territory, byte[] payload) =>
        command.Write(
            Deliveries, command.NewId(), destinationId, eventId, happened, territory, payload, command.Now, (short)DeliveryState.Waiting, 0,
            command.Now, 0, "");

    /// <summary>Which of these destinations have something due.</summary>
    public Task<List<Guid>> WithDueAsync(Guid[] destinations, DateTimeOffset now, CancellationToken cancellation) =>
        database.QueryAsync(
            "select d from unnest($1) as d where exists (select 1 from deliveries where destination_id = d and due_at <= $2)",
            r => r.GetGuid(0), [P(destinations), P(now)], cancellation);

    /// <summary>
    /// Takes what is due to one destination, oldest first, and counts the try. Who asks at the same time gets others; what a killed
    /// process had taken is due again after <see cref="DeliveryRules.LostAfter"/>.
    /// </summary>
    public Task<List<ClaimedDelivery>> ClaimAsync(Guid destinationId, int limit, DateTimeOffset now, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            update deliveries set tries = tries + 1, tried_at = $2, due_at = $3 where id in (
                select id from deliveries where destination_id = $1 and due_at <= $2 order by due_at limit $4 for update skip locked)
            returning id, event_id, event, territory, happened_at, payload, tries
            """,
            r => new ClaimedDelivery(
                r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.GetString(3), r.Instant(4), r.GetFieldValue<byte[]>(5), r.GetInt32(6)),
            [P(destinationId), P(now), P(now + DeliveryRules.LostAfter), P(limit)],
            cancellation);

    /// <summary>Keeps how a try went, unless somebody has begun another since.</summary>
    public async Task SettleAsync(ClaimedDelivery claimed, DeliveryStep step, PostResult result, CancellationToken cancellation)
    {
        await using var command = database.Source.CreateCommand(
            "update deliveries set state = $3, due_at = $4, status = $5, error = $6 where id = $1 and tries = $2");
        command.Parameters.AddRange(
            (NpgsqlParameter[])[P(claimed.Id), P(claimed.Tries), P((int)step.State), N(step.DueAt), P(result.Status), P(result.Error)]);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static Task<Delivery?> FindAsync(Guid id, Command command) =>
        command.FindAsync($"select {Columns} from deliveries where id = any($1)", id, Read);

    public Task<List<Delivery>> ListAsync(Guid destinationId, DeliveryState state, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from deliveries
            where destination_id = $1 and ($2::uuid is null or id < $2){(state is 0 ? "" : $" and state = {(int)state}")}
            order by id desc limit $3
            """,
            Read, [P(destinationId), N(page.IdAfter(0)), P(page.Fetch)], cancellation);

    public static Delivery Retry(Command command, Delivery current, string territory)
    {
        command.Write(
            $"update deliveries set state = {(int)DeliveryState.Waiting}, tries = 0, due_at = $2 where id = $1",
            P(current.Id), P(command.Now));
        command.Concerns(territory, current.DestinationId);
        return current with { State = DeliveryState.Waiting, Tries = 0, DueAt = command.Now };
    }

    private static Delivery Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetGuid(1),
        reader.GetGuid(2),
        reader.GetString(3),
        reader.GetString(4),
        reader.Instant(5),
        (DeliveryState)reader.GetInt16(6),
        reader.GetInt32(7),
        reader.InstantOrNull(8),
        reader.InstantOrNull(9),
        reader.GetInt32(10),
        reader.GetString(11));
}
