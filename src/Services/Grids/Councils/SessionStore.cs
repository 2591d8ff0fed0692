using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Councils;

public sealed class SessionStore(ServiceDatabase database)
{
    private const string Columns = """
        id, council_id, territory, starts_at, place, state, agenda, quorum, member_count, present, minutes, minutes_edition, approved_by,
        approved_at, cancel_reason, convened_at, updated_at, version
        """;

    private const string ById = $"select {Columns} from sessions where id = any($1)";

    private static readonly Insert Sessions = new(
        "sessions",
        "id uuid, council_id uuid, territory text, starts_at timestamptz, place text, state smallint, agenda jsonb, quorum jsonb, "
        + "member_count int, present jsonb, minutes text, minutes_edition int, approved_by text, cancel_reason text, "
        + "convened_at timestamptz, updated_at timestamptz, version bigint");

    private static readonly Update Changes = new(
        "sessions",
        "id uuid, version bigint",
        "state smallint, quorum jsonb, member_count int, present jsonb, minutes text, minutes_edition int, approved_by text, "
        + "approved_at timestamptz, cancel_reason text, updated_at timestamptz, version bigint");

    private static readonly Insert Minutes = new(
        "session_minutes", "session_id uuid, edition int, minutes text, writer text, at timestamptz");

    public Task<Session?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Session?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public Task<List<Session>> ListAsync(Guid councilId, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"select {Columns} from sessions where council_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3",
            Read, [P(councilId), N(page.IdAfter(0)), P(page.Fetch)], cancellation);

    public static void Add(Command command, Session session)
    {
        command.Write(
            Sessions, session.Id, session.CouncilId, session.Territory, session.StartsAt, session.Place, (short)session.State,
            Json(session.Agenda), Json(session.Quorum), session.MemberCount,
            Json(session.Present), session.Minutes, session.MinutesEdition, session.ApprovedBy, session.CancelReason,
            session.ConvenedAt, session.UpdatedAt, session.Version);
        command.Concerns(session.Territory, session.Id);
    }

    public static void Save(Command command, Session current, Session next)
    {
        command.Write(
            Changes, current.Id, current.Version, (short)next.State, Json(next.Quorum), next.MemberCount,
            Json(next.Present), next.Minutes, next.MinutesEdition, next.ApprovedBy, next.ApprovedAt, next.CancelReason,
            next.UpdatedAt, next.Version);
        if (next.MinutesEdition != current.MinutesEdition)
            command.Write(Minutes, next.Id, next.MinutesEdition, next.Minutes, command.Actor.Subject, command.Now);
        command.Concerns(next.Territory, next.Id);
    }

    private static Session Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        CouncilId = reader.GetGuid(1),
        Territory = reader.GetString(2),
        StartsAt = reader.Instant(3),
        Place = reader.GetString(4),
        State = (SessionState)reader.GetInt16(5),
        Agenda = reader.Json<List<Guid>>(6),
        Quorum = reader.Json<Fraction>(7),
        MemberCount = reader.GetInt32(8),
        Present = reader.Json<List<Guid>>(9),
        Minutes = reader.GetString(10),
        MinutesEdition = reader.GetInt32(11),
        ApprovedBy = reader.GetString(12),
        ApprovedAt = reader.InstantOrNull(13),
        CancelReason = reader.GetString(14),
        ConvenedAt = reader.Instant(15),
        UpdatedAt = reader.Instant(16),
        Version = reader.GetInt64(17),
    };
}
