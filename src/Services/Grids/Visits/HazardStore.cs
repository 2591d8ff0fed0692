using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Visits;

public sealed class HazardStore(ServiceDatabase database)
{
    private const string Columns =
        "id, plan_id, territory, category, note, found_at, due_at, resolved_at, reinspections, policy_version, version, provisional_year";

    private const string ById = $"select {Columns} from hazards where id = any($1)";

    private static readonly Insert Hazards = new(
        "hazards",
        "id uuid, plan_id uuid, territory text, category smallint, note text, found_at timestamptz, due_at timestamptz, "
        + "resolved_at timestamptz, reinspections int, policy_version bigint, version bigint, provisional_year smallint");

    private static readonly Update Changes = new(
        "hazards", "id uuid, version bigint",
        "due_at timestamptz, resolved_at timestamptz, reinspections int, policy_version bigint, version bigint, provisional_year smallint");

    private static readonly Insert Looks = new(
        "reinspections", "hazard_id uuid, sequence int, at timestamptz, inspector text, resolved smallint, note text, due_at timestamptz");

    public Task<Danger?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Danger?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    /// <param name="before">Only those that were due before it; null for all that are not resolved.</param>
    public Task<List<Danger>> ListAsync(
        (string Low, string High) range, DateTimeOffset? before, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from hazards
            where territory >= $1 and territory < $2 and due_at is not null
              and ($3::timestamptz is null or due_at < $3)
              and ($4::timestamptz is null or (due_at, id) > ($4, $5))
            order by due_at, id limit $6
            """,
            Read,
            [P(range.Low), P(range.High), N(before), N(page.InstantAfter(0)), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public Task<List<Look>> LooksAsync(Guid id, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select sequence, at, inspector, resolved, note, due_at from reinspections
            where hazard_id = $1 order by sequence limit {HazardRules.MaxLooks}
            """,
            r => new Look(r.GetInt32(0), r.Instant(1), r.GetString(2), r.GetInt16(3) is 1, r.GetString(4), r.Instant(5)),
            [P(id)],
            cancellation);

    public static void Add(Command command, Danger found)
    {
        command.Write(
            Hazards, found.Id, found.PlanId, found.Territory, (short)found.Category, found.Note, found.FoundAt, found.DueAt,
            found.ResolvedAt, found.Reinspections, found.PolicyVersion, found.Version, (short)found.ProvisionalYear);
        command.Concerns(found.Territory, found.Id);
    }

    public static void Save(Command command, Danger current, Danger next, Look look)
    {
        command.Write(
            Changes, current.Id, current.Version, next.DueAt, next.ResolvedAt, next.Reinspections, next.PolicyVersion, next.Version,
            (short)next.ProvisionalYear);
        command.Write(
            Looks, next.Id, look.Sequence, look.At, look.Inspector, look.Resolved ? (short)1 : (short)0, look.Note, look.DueAt);
        command.Concerns(next.Territory, next.Id);
    }

    /// <summary>
    /// Removes what was noted of a plan's hazards. The hazards first: a look that is written at the same time is waited for, and one
    /// that comes after is decided anew.
    /// </summary>
    public static void Forget(Command command, Guid planId)
    {
        command.Write("update hazards set note = '', version = version + 1 where plan_id = $1", P(planId));
        command.Write("update reinspections set note = '' where hazard_id in (select id from hazards where plan_id = $1)", P(planId));
    }

    /// <summary>What is open of a plan's hazards goes to another grid.</summary>
    public static void Move(Command command, Guid planId, string grid) =>
        command.Write(
            "update hazards set territory = $2, version = version + 1 where plan_id = $1 and due_at is not null", P(planId), P(grid));

    /// <summary>The same of all that is open in grids, whatever has become of the plans.</summary>
    public static void Move(Command command, string[] grids, string grid) =>
        command.Write(
            "update hazards set territory = $2, version = version + 1 where territory = any($1) and due_at is not null", P(grids), P(grid));

    private static Danger Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        PlanId = reader.GetGuid(1),
        Territory = reader.GetString(2),
        Category = (HazardCategory)reader.GetInt16(3),
        Note = reader.GetString(4),
        FoundAt = reader.Instant(5),
        DueAt = reader.InstantOrNull(6),
        ResolvedAt = reader.InstantOrNull(7),
        Reinspections = reader.GetInt32(8),
        PolicyVersion = reader.GetInt64(9),
        Version = reader.GetInt64(10),
        ProvisionalYear = reader.GetInt16(11),
    };
}
