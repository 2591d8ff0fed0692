using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Visits;

public sealed class VisitStore(ServiceDatabase database)
{
    private const string Columns = """
        id, territory, household, longitude, latitude, needs, worker, helpers, consent_by, consent_at, withdrawn_at, state, every_days,
        last_visit_at, due_at, policy_version, updated_at, version
        """;

    private const string ById = $"select {Columns} from visit_plans where id = any($1)";

    private static readonly Insert Plans = new(
        "visit_plans",
        "id uuid, territory text, household text, longitude float8, latitude float8, needs jsonb, worker text, helpers jsonb, "
        + "consent_by text, consent_at timestamptz, withdrawn_at timestamptz, state smallint, every_days int, last_visit_at timestamptz, "
        + "due_at timestamptz, policy_version bigint, updated_at timestamptz, version bigint");

    private static readonly Update Changes = new(
        "visit_plans", "id uuid, version bigint",
        "territory text, longitude float8, latitude float8, needs jsonb, worker text, helpers jsonb, withdrawn_at timestamptz, "
        + "state smallint, every_days int, last_visit_at timestamptz, due_at timestamptz, policy_version bigint, updated_at timestamptz, "
        + "version bigint");

    private static readonly Insert Visits = new(
        "visits",
        "id uuid, plan_id uuid, territory text, visitor text, at timestamptz, outcome smallint, checked jsonb, note text, case_id uuid");

    public Task<Plan?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Plan?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public static async Task<bool> HasActiveAsync(Plan made, Command command) =>
        await command.FirstAsync(
            "select 1 from visit_plans where left(territory, 4) = left($1, 4) and household = $2 and state = 1",
            r => r.GetInt32(0), P(made.Territory), P(made.Household)) is 1;

    public static Task<List<Plan>> ActiveOfAsync(string[] grids, Command command) =>
        command.QueryAsync($"select {Columns} from visit_plans where territory = any($1) and state = 1", Read, P(grids));

    public Task<List<Plan>> ListAsync(
        (string Low, string High) range, VisitPlanState state, string worker, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from visit_plans
            where territory >= $1 and territory < $2 and ($3 = 0 or state = $3) and ($4 = '' or worker = $4)
              and ($6::uuid is null or (territory, id) > ($5, $6))
            order by territory, id limit $7
            """,
            Read,
            [P(range.Low), P(range.High), P((int)state), P(worker), P(page.After?[0] ?? ""), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public Task<List<Plan>> DueAsync(
        (string Low, string High) range, DateTimeOffset until, string worker, Page page, CancellationToken cancellation) =>
        DueAsync(range, until, worker, (page.InstantAfter(0), page.IdAfter(1)), page.Fetch, cancellation);

    /// <summary>What a route is made of.</summary>
    public Task<List<Plan>> DueAsync(
        (string Low, string High) range, DateTimeOffset until, string worker, CancellationToken cancellation) =>
        DueAsync(range, until, worker, (null, null), Route.MaxStops, cancellation);

    public Task<List<Made>> VisitsAsync((string Low, string High) range, Guid? planId, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select id, plan_id, territory, visitor, at, outcome, checked, note, case_id from visits
            where territory >= $1 and territory < $2
              and ($3::uuid is null or plan_id = $3) and ($4::uuid is null or id < $4)
            order by id desc limit $5
            """,
            r => new Made(
                r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.GetString(3), r.Instant(4), (VisitOutcome)r.GetInt16(5),
                r.Json<List<string>>(6), r.GetString(7), r.GuidOrNull(8)),
            [P(range.Low), P(range.High), N(planId), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);

    public static void Add(Command command, Plan made)
    {
        command.Write(
            Plans, made.Id, made.Territory, made.Household, made.Place?.Longitude, made.Place?.Latitude, Json(made.Needs), made.Worker,
            Json(made.Helpers), made.Consent.GivenBy, made.Consent.GivenAt, made.Consent.WithdrawnAt, (short)made.State, made.EveryDays,
            made.LastVisitAt, made.DueAt, made.PolicyVersion, made.UpdatedAt, made.Version);
        command.Concerns(made.Territory, made.Id);
    }

    public static void Save(Command command, Plan current, Plan next)
    {
        command.Write(
            Changes, current.Id, current.Version, next.Territory, next.Place?.Longitude, next.Place?.Latitude, Json(next.Needs), next.Worker,
            Json(next.Helpers), next.Consent.WithdrawnAt, (short)next.State, next.EveryDays, next.LastVisitAt, next.DueAt,
            next.PolicyVersion, next.UpdatedAt, next.Version);
        // A visit that is written at the same time changes the plan too, and makes this command be decided anew.
        if (next.State is not VisitPlanState.Active)
        {
            command.Write("update visits set checked = '[]', note = '' where plan_id = $1", P(next.Id));
            HazardStore.Forget(command, next.Id);
        }
        // A plan that goes to another grid takes along what is open of its hazards.
        if (next.Territory != current.Territory)
            HazardStore.Move(command, next.Id, next.Territory);
        command.Concerns(next.Territory, next.Id);
    }

    public static void Add(Command command, Made visit)
    {
        command.Write(
            Visits, visit.Id, visit.PlanId, visit.Territory, visit.Visitor, visit.At, (short)visit.Outcome, Json(visit.Checked),
            visit.Note, visit.CaseId);
        command.Concerns(visit.Territory, visit.Id);
    }

    private Task<List<Plan>> DueAsync(
        (string Low, string High) range,
        DateTimeOffset until,
        string worker,
        (DateTimeOffset? At, Guid? Id) after,
        int limit,
        CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from visit_plans
            where territory >= $1 and territory < $2 and due_at <= $3 and ($4 = '' or worker = $4)
              and ($5::timestamptz is null or (due_at, id) > ($5, $6))
            order by due_at, id limit $7
            """,
            Read,
            [P(range.Low), P(range.High), P(until), P(worker), N(after.At), N(after.Id), P(limit)],
            cancellation);

    private static Plan Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Territory = reader.GetString(1),
        Household = reader.GetString(2),
        Place = reader.DoubleOrNull(3) is { } longitude ? new Place(longitude, reader.GetDouble(4)) : null,
        Needs = reader.Json<List<CareNeed>>(5),
        Worker = reader.GetString(6),
        Helpers = reader.Json<List<string>>(7),
        Consent = new Consent(reader.GetString(8), reader.Instant(9), reader.InstantOrNull(10)),
        State = (VisitPlanState)reader.GetInt16(11),
        EveryDays = reader.GetInt32(12),
        LastVisitAt = reader.InstantOrNull(13),
        DueAt = reader.InstantOrNull(14),
        PolicyVersion = reader.GetInt64(15),
        UpdatedAt = reader.Instant(16),
        Version = reader.GetInt64(17),
    };
}
