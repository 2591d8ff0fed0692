using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Open311;

/// <summary>
/// What anybody may know of a case. Neither its texts, which nobody has looked through for names, nor its reporter are even
/// read here.
/// </summary>
public sealed record PublicRequest(
    Guid Id,
    string Territory,
    string Holder,
    (double Longitude, double Latitude)? Place,
    CaseState State,
    string Service,
    string Handler,
    DateTimeOffset ReportedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? DueAt)
{
    public bool Closed => Case.Ended.Contains(State);
}

public sealed class Open311Store(ServiceDatabase database)
{
    // The category once there is one; before that what the reporter proposed.
    private const string Service = "coalesce(nullif(c.category, ''), o.service_code, '')";

    private static readonly string Closed = $"c.state in ({Case.EndedInSql})";

    private static readonly string Public =
        $"""
        select c.id, c.territory, c.holder, c.longitude, c.latitude, c.state, {Service},
               case when c.handler is null then '' else coalesce(nullif(c.handler ->> 'name', ''), c.assignments -> 0 ->> 'name', '') end,
               c.reported_at, c.updated_at, c.due_at
        from cases c left join open311_requests o on o.case_id = c.id
        where c.channel = {(int)CaseChannel.Open311} and not c.confidential and c.territory >= $1 and c.territory < $2
        """;

    private static readonly string ByIds = $"{Public} and c.id = any($3) order by c.reported_at desc, c.id desc limit {Open311Query.MaxPageSize}";

    private static readonly string ByQuery =
        $"""
        {Public}
          and c.reported_at >= $3 and c.reported_at <= $4
          and (cardinality($5) = 0 or {Service} = any($5))
          and ($6 = 0 or ({Closed}) = ($6 = 2))
        order by c.reported_at desc, c.id desc limit $7 offset $8
        """;

    private static readonly Insert Requests = new("open311_requests", "case_id uuid, service_code text");

    public static void Add(Command command, Guid caseId, string service) => command.Write(Requests, caseId, service);

    public Task<List<PublicRequest>> OfIdsAsync((string Low, string High) range, Guid[] ids, CancellationToken cancellation) =>
        database.QueryAsync(ByIds, Read, [P(range.Low), P(range.High), P(ids)], cancellation);

    public Task<List<PublicRequest>> ListAsync((string Low, string High) range, Open311Query query, CancellationToken cancellation) =>
        database.QueryAsync(
            ByQuery,
            Read,
            [
                P(range.Low), P(range.High), P(query.From), P(query.Until), P(query.Services),
                P(query.Closed switch { null => 0, false => 1, true => 2 }), P(query.PageSize), P(query.Passed),
            ],
            cancellation);

    /// <summary>Whether a command of that request_id was answered since an instant.</summary>
    public Task<bool> AnsweredSinceAsync(Guid requestId, DateTimeOffset instant, CancellationToken cancellation) =>
        database.FirstAsync(
            "select true from requests where request_id = $1 and answered_at > $2", r => r.GetBoolean(0), [P(requestId), P(instant)], cancellation);

    private static PublicRequest Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetString(1),
        reader.GetString(2),
        reader.DoubleOrNull(3) is { } longitude ? (longitude, reader.GetDouble(4)) : null,
        (CaseState)reader.GetInt16(5),
        reader.GetString(6),
        reader.GetString(7),
        reader.Instant(8),
        reader.Instant(9),
        reader.InstantOrNull(10));
}
