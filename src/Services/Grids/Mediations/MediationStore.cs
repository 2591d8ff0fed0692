using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Mediations;

public sealed class MediationStore(ServiceDatabase database)
{
    public const string RecordKind = "mediation";

    private const string Columns = """
        id, case_id, territory, dispute, parties, mediators, organisation_id, state, due_at, sessions, conclusion, concluded_at, perform_by,
        performance, opened_by, opened_at, policy_version, version, provisional_year
        """;

    private const string ById = $"select {Columns} from mediations where id = any($1)";

    private static readonly Insert Mediations = new(
        "mediations",
        "id uuid, case_id uuid, territory text, dispute text, parties jsonb, mediators jsonb, organisation_id uuid, state smallint, due_at timestamptz, "
        + "sessions jsonb, conclusion text, performance text, opened_by text, opened_at timestamptz, policy_version bigint, version bigint, "
        + "provisional_year smallint");

    private static readonly Update Changes = new(
        "mediations", "id uuid, version bigint",
        "state smallint, sessions jsonb, conclusion text, concluded_at timestamptz, perform_by timestamptz, performance text, version bigint");

    public Task<Dispute?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Dispute?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public static async Task<bool> HasOpenAsync(Guid caseId, Command command) =>
        await command.FirstAsync("select 1 from mediations where case_id = $1 and state = 1", r => r.GetInt32(0), P(caseId)) is 1;

    public Task<List<Dispute>> ListAsync(
        (string Low, string High) range, MediationState state, Guid? caseId, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from mediations
            where territory >= $1 and territory < $2 and ($3 = 0 or state = $3) and ($4::uuid is null or case_id = $4)
              and ($5::uuid is null or id < $5)
            order by id desc limit $6
            """,
            Read, [P(range.Low), P(range.High), P((int)state), N(caseId), N(page.IdAfter(0)), P(page.Fetch)], cancellation);

    public static void Add(Command command, Dispute opened)
    {
        command.Write(
            Mediations, opened.Id, opened.CaseId, opened.Territory, opened.About, Json(opened.Parties), Json(opened.Mediators), opened.OrganisationId,
            (short)opened.State, opened.DueAt, Json(opened.Sessions), opened.Conclusion, opened.Performance, opened.OpenedBy, opened.OpenedAt,
            opened.PolicyVersion, opened.Version, (short)opened.ProvisionalYear);
        command.Concerns(opened.Territory, opened.Id);
    }

    public static void Save(Command command, Dispute current, Dispute next)
    {
        command.Write(
            Changes, current.Id, current.Version, (short)next.State, Json(next.Sessions), next.Conclusion, next.ConcludedAt, next.PerformBy,
            next.Performance, next.Version);
        command.Concerns(next.Territory, next.Id);
    }

    /// <summary>
    /// What is kept of mediations that are over stays as long as what is kept of their case, whose words may name the parties; longer
    /// where an agreement has to be looked after. Null while the case is under way.
    /// </summary>
    public static void KeepWith(Command command, Guid caseId, DateTimeOffset? until)
    {
        if (until is not { } instant)
        {
            command.Write(
                "update persons set expires_at = null where record_id in (select id from mediations where case_id = $1)", P(caseId));
            command.Write("delete from kept_texts where record_id in (select id from mediations where case_id = $1)", P(caseId));
            return;
        }
        command.Write(
            """
            update persons p set expires_at = greatest($2, m.perform_by + ($2 - $3)) from mediations m
            where m.case_id = $1 and m.state <> 1 and p.record_id = m.id
            """,
            P(caseId), P(instant), P(command.Now));
        command.Write(
            """
            insert into kept_texts (record_id, record_kind, territory, expires_at)
            select id, $4, territory, greatest($2, perform_by + ($2 - $3)) from mediations where case_id = $1 and state <> 1
            on conflict (record_id) do update set expires_at = excluded.expires_at
            """,
            P(caseId), P(instant), P(command.Now), P(RecordKind));
    }

    private static Dispute Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        CaseId = reader.GetGuid(1),
        Territory = reader.GetString(2),
        About = reader.GetString(3),
        Parties = reader.Json<string[]>(4),
        Mediators = reader.Json<string[]>(5),
        OrganisationId = reader.GuidOrNull(6),
        State = (MediationState)reader.GetInt16(7),
        DueAt = reader.Instant(8),
        Sessions = reader.Json<Session[]>(9),
        Conclusion = reader.GetString(10),
        ConcludedAt = reader.InstantOrNull(11),
        PerformBy = reader.InstantOrNull(12),
        Performance = reader.GetString(13),
        OpenedBy = reader.GetString(14),
        OpenedAt = reader.Instant(15),
        PolicyVersion = reader.GetInt64(16),
        Version = reader.GetInt64(17),
        ProvisionalYear = reader.GetInt16(18),
    };
}
