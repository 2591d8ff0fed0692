using System.Globalization;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Staffing;

/// <summary>How many grids of a territory lack what.</summary>
public sealed record StaffingCounts(
    int Grids, int WithoutLeader, int WithoutWorker, int FewestLeaders, int FewestWorkers, int EndedWithStaff);

public sealed class AppointmentStore(ServiceDatabase database)
{
    private const string Columns =
        "id, territory, role, subject, name, duty, employment, party_member, from_day, until_day, updated_at, version";

    private const string StandInColumns = "id, territory, staff_id, substitute_id, from_day, until_day, cancelled_at";

    private const string ById = $"select {Columns} from grid_staff where id = any($1)";

    private const string StandInById = $"select {StandInColumns} from stand_ins where id = any($1)";

    private const string ActiveOfGrid = $"select {Columns} from grid_staff where territory = $1 and until_day is null order by id";

    private const string StandInsOfGrid =
        $"select {StandInColumns} from stand_ins where territory = $1 and cancelled_at is null and until_day >= $2 order by id";

    private static readonly Insert Posts = new(
        "grid_staff",
        "id uuid, territory text, role smallint, subject text, name text, duty text, employment smallint, party_member smallint, "
        + "from_day date, until_day date, updated_at timestamptz, version bigint");

    private static readonly Update Ends = new(
        "grid_staff", "id uuid, version bigint", "until_day date, updated_at timestamptz, version bigint", "until_day is null");

    // Two arrangements for one person at once would not see each other: the second finds the person's row changed.
    private static readonly Update Touched = new("grid_staff", "id uuid, version bigint", "version bigint", "until_day is null");

    private static readonly Insert StandIns = new(
        "stand_ins", "id uuid, territory text, staff_id uuid, substitute_id uuid, from_day date, until_day date, cancelled_at timestamptz");

    /// <summary>With a post its arrangements end: those that run on its last day, those to come never begin.</summary>
    private const string StandInsEnd = """
        update stand_ins
        set until_day = case when from_day <= $3 then $3 else until_day end, cancelled_at = case when from_day > $3 then $4 end
        where territory = $1 and (staff_id = $2 or substitute_id = $2) and cancelled_at is null and until_day > $3
        """;

    private static readonly Update Cancellations = new("stand_ins", "id uuid", "cancelled_at timestamptz", "kept.cancelled_at is null");

    public Task<Appointment?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Appointment?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public Task<List<Appointment>> ActiveAsync(string grid, CancellationToken cancellation) =>
        database.QueryAsync(ActiveOfGrid, Read, [P(grid)], cancellation);

    public static Task<List<Appointment>> ActiveAsync(string grid, Command command) => command.QueryAsync(ActiveOfGrid, Read, P(grid));

    public Task<List<Appointment>> ListAsync(
        (string Low, string High) range, ListStaffRequest request, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from grid_staff
            where territory >= $1 and territory < $2
              and ($3 = 0 or role = $3) and ($4 or until_day is null) and ($5 = '' or subject = $5)
              and ($7::uuid is null or (territory, id) > ($6, $7))
            order by territory, id limit $8
            """,
            Read,
            [
                P(range.Low), P(range.High), P((int)request.Role), P(request.IncludeEnded), P(request.Subject), P(page.After?[0] ?? ""),
                N(page.IdAfter(1)), P(page.Fetch),
            ],
            cancellation);

    public static Task<StandIn?> FindStandInAsync(Guid id, Command command) => command.FindAsync(StandInById, id, ReadStandIn);

    /// <summary>Those of a grid that hold today or later.</summary>
    public Task<List<StandIn>> StandInsAsync(string grid, DateOnly today, CancellationToken cancellation) =>
        database.QueryAsync(StandInsOfGrid, ReadStandIn, [P(grid), P(today)], cancellation);

    public static Task<List<StandIn>> StandInsAsync(string grid, DateOnly today, Command command) =>
        command.QueryAsync(StandInsOfGrid, ReadStandIn, P(grid), P(today));

    public Task<List<StandIn>> ListStandInsAsync(
        (string Low, string High) range, DateOnly? on, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {StandInColumns} from stand_ins
            where territory >= $1 and territory < $2
              and (not $3 or (cancelled_at is null and from_day <= $4 and until_day >= $4))
              and ($5::uuid is null or id < $5)
            order by id desc limit $6
            """,
            ReadStandIn,
            [P(range.Low), P(range.High), P(on is not null), P(on ?? DateOnly.MinValue), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);

    public async Task<StaffingCounts> CountAsync((string Low, string High) range, CancellationToken cancellation) =>
        (await database.FirstAsync(
            """
            with counted as (
                select count(s.id) filter (where s.role = 1) as leaders, count(s.id) filter (where s.role = 2) as workers
                from grids g left join grid_staff s on s.territory = g.code and s.until_day is null
                where g.code >= $1 and g.code < $2 and g.valid_to is null
                group by g.code)
            select count(*)::int, count(*) filter (where leaders = 0)::int, count(*) filter (where workers = 0)::int,
                coalesce(min(leaders), 0)::int, coalesce(min(workers), 0)::int,
                (select count(distinct s.territory)::int from grid_staff s join grids g on g.code = s.territory
                 where s.territory >= $1 and s.territory < $2 and s.until_day is null and g.valid_to is not null)
            from counted
            """,
            r => new StaffingCounts(r.GetInt32(0), r.GetInt32(1), r.GetInt32(2), r.GetInt32(3), r.GetInt32(4), r.GetInt32(5)),
            [P(range.Low), P(range.High)],
            cancellation))!;

    public Task<List<StaffingFinding>> FindingsAsync((string Low, string High) range, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select code, problem from (
                select g.code, lacks.role as problem
                from grids g cross join (values (1), (2)) as lacks (role)
                where g.code >= $1 and g.code < $2 and g.valid_to is null
                  and not exists (select 1 from grid_staff s where s.territory = g.code and s.until_day is null and s.role = lacks.role)
                union
                select s.territory, 3 from grid_staff s join grids g on g.code = s.territory
                where s.territory >= $1 and s.territory < $2 and s.until_day is null and g.valid_to is not null) found
            where (code, problem) > ($3, $4)
            order by code, problem limit $5
            """,
            r => new StaffingFinding { Territory = r.GetString(0), Problem = (StaffingProblem)r.GetInt32(1) },
            [P(range.Low), P(range.High), P(page.After?[0] ?? ""), P(NumberAfter(page)), P(page.Fetch)],
            cancellation);

    public static void Add(Command command, Appointment made)
    {
        command.Write(
            Posts, made.Id, made.Territory, (short)made.Role, made.Subject, made.Name, made.Duty, (short)made.Employment,
            Parts.Flag(made.PartyMember), made.From, made.Until, made.UpdatedAt, made.Version);
        command.Concerns(made.Territory, made.Id);
    }

    public static void Save(Command command, Appointment current, Appointment next)
    {
        command.Write(Ends, current.Id, current.Version, next.Until, next.UpdatedAt, next.Version);
        if (next.Until is { } last)
            command.Write(StandInsEnd, P(next.Territory), P(next.Id), P(last), P(next.UpdatedAt));
        command.Concerns(next.Territory, next.Id);
    }

    public static void Add(Command command, StandIn made, Appointment absent, Appointment substitute)
    {
        command.Write(StandIns, made.Id, made.Territory, made.StaffId, made.SubstituteId, made.From, made.Until, made.CancelledAt);
        command.Write(Touched, absent.Id, absent.Version, absent.Version + 1);
        command.Write(Touched, substitute.Id, substitute.Version, substitute.Version + 1);
        command.Concerns(made.Territory, made.Id);
    }

    public static void Cancel(Command command, StandIn cancelled)
    {
        command.Write(Cancellations, cancelled.Id, cancelled.CancelledAt);
        command.Concerns(cancelled.Territory, cancelled.Id);
    }

    private static int NumberAfter(Page page) =>
        page.After is null ? 0
        : int.TryParse(page.After[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new RefusedException(CommonErrors.PageTokenInvalid.With());

    private static StandIn ReadStandIn(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetGuid(2), reader.GetGuid(3), reader.Day(4), reader.Day(5),
        reader.InstantOrNull(6));

    private static Appointment Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Territory = reader.GetString(1),
        Role = (GridStaffRole)reader.GetInt16(2),
        Subject = reader.GetString(3),
        Name = reader.GetString(4),
        Duty = reader.GetString(5),
        Employment = (StaffEmployment)reader.GetInt16(6),
        PartyMember = reader.GetInt16(7) is 1,
        From = reader.Day(8),
        Until = reader.DayOrNull(9),
        UpdatedAt = reader.Instant(10),
        Version = reader.GetInt64(11),
    };
}
