using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Staffing;

/// <summary>How often the squads of a territory exchanged and met in a period.</summary>
public sealed record ExchangeCounts(int Squads, int FewestADay, int FewestAWeek, long Days, long Weeks);

public sealed class SquadStore(ServiceDatabase database)
{
    private const string Columns = """
        s.id, s.territory, s.name, s.leader_id, s.formed_on, s.dissolved_on, s.updated_at, s.version,
        exists (select 1 from grid_staff l where l.id = s.leader_id and l.until_day is not null),
        array(select g.id from neighbour_groups g where g.squad_id = s.id order by g.id), coalesce(s.code, '')
        """;

    private const string ById = $"select {Columns} from squads s where s.id = any($1)";

    // One row a squad: how many days and weeks counted, on how many of them nothing was done, and the fewest of all. $1 and $2
    // are the range of the territory, $3 and $4 the days. A week is told by its Monday; it counts when the squad was there for all
    // of it.
    private const string Counted = """
        with spans as (
            select id, territory, greatest(formed_on, $3) as first, least(coalesce(dissolved_on - 1, $4), $4) as last
            from squads where territory >= $1 and territory < $2),
        days as (
            select s.id, d.at::date as day
            from spans s cross join lateral generate_series(s.first::timestamp, s.last::timestamp, interval '1 day') as d (at)),
        weeks as (
            select s.id, w.at::date as monday
            from spans s cross join lateral generate_series(
                date_trunc('week', s.first::timestamp + interval '6 days'), s.last::timestamp - interval '6 days',
                interval '7 days') as w (at)),
        done as (
            select e.squad_id, e.kind, case e.kind when 1 then e.day else date_trunc('week', e.day::timestamp)::date end as at,
            count(*) as n
            from squad_exchanges e join spans s on s.id = e.squad_id
            where e.day between s.first and s.last
            group by 1, 2, 3),
        by_day as (
            select d.id, count(*) as days, count(*) filter (where n is null) as missed, min(coalesce(n, 0)) as fewest
            from days d left join done on done.squad_id = d.id and done.kind = 1 and done.at = d.day group by d.id),
        by_week as (
            select w.id, count(*) as weeks, count(*) filter (where n is null) as missed, min(coalesce(n, 0)) as fewest
            from weeks w left join done on done.squad_id = w.id and done.kind = 2 and done.at = w.monday group by w.id),
        counted as (
            select s.territory, s.id, d.days, d.missed as days_missed, d.fewest as fewest_a_day,
                coalesce(w.weeks, 0) as weeks, coalesce(w.missed, 0) as weeks_missed, w.fewest as fewest_a_week
            from spans s join by_day d on d.id = s.id left join by_week w on w.id = s.id)
        """;

    private static readonly Insert Squads = new(
        "squads",
        "id uuid, territory text, name text, leader_id uuid, formed_on date, dissolved_on date, updated_at timestamptz, version bigint");

    private static readonly Update Changes = new(
        "squads", "id uuid, version bigint", "leader_id uuid, dissolved_on date, updated_at timestamptz, version bigint");

    private static readonly Insert Exchanges = new(
        "squad_exchanges", "id uuid, squad_id uuid, kind smallint, day date, attendance int, note text");

    public Task<Squad?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Squad?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public Task<List<Squad>> ListAsync((string Low, string High) range, bool includeDissolved, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from squads s
            where s.territory >= $1 and s.territory < $2 and ($3 or s.dissolved_on is null)
              and ($5::uuid is null or (s.territory, s.id) > ($4, $5))
            order by s.territory, s.id limit $6
            """,
            Read,
            [P(range.Low), P(range.High), P(includeDissolved), P(page.After?[0] ?? ""), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public Task<List<Exchange>> ExchangesAsync(Guid squadId, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select id, squad_id, kind, day, attendance, note from squad_exchanges
            where squad_id = $1 and ($3::uuid is null or (day, id) < ($2, $3)) order by day desc, id desc limit $4
            """,
            r => new Exchange(r.GetGuid(0), r.GetGuid(1), (ExchangeKind)r.GetInt16(2), r.Day(3), r.GetInt32(4), r.GetString(5)),
            [
                P(squadId), P(page.InstantAfter(0) is { } at ? DateOnly.FromDateTime(at.UtcDateTime) : default), N(page.IdAfter(1)),
                P(page.Fetch),
            ],
            cancellation);

    public async Task<ExchangeCounts> CountAsync(
        (string Low, string High) range, DateOnly from, DateOnly until, CancellationToken cancellation) =>
        (await database.FirstAsync(
            $"""
            {Counted}
            select count(*)::int, coalesce(min(fewest_a_day), 0)::int, coalesce(min(fewest_a_week), 0)::int,
                coalesce(sum(days), 0)::bigint, coalesce(sum(weeks), 0)::bigint
            from counted
            """,
            r => new ExchangeCounts(r.GetInt32(0), r.GetInt32(1), r.GetInt32(2), r.GetInt64(3), r.GetInt64(4)),
            [P(range.Low), P(range.High), P(from), P(until)],
            cancellation))!;

    public Task<List<ExchangeFinding>> FindingsAsync(
        (string Low, string High) range, DateOnly from, DateOnly until, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            {Counted}
            select id, territory, days_missed::int, weeks_missed::int from counted
            where (days_missed > 0 or weeks_missed > 0) and ($6::uuid is null or (territory, id) > ($5, $6))
            order by territory, id limit $7
            """,
            r => new ExchangeFinding
            {
                SquadId = r.GetGuid(0).ToString(),
                Territory = r.GetString(1),
                DaysMissed = r.GetInt32(2),
                WeeksMissed = r.GetInt32(3),
            },
            [P(range.Low), P(range.High), P(from), P(until), P(page.After?[0] ?? ""), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    public static void Add(Command command, Squad made)
    {
        command.Write(
            Squads, made.Id, made.Territory, made.Name, made.LeaderId, made.FormedOn, made.DissolvedOn, made.UpdatedAt, made.Version);
        command.Concerns(made.Territory, made.Id);
    }

    public static void Save(Command command, Squad current, Squad next)
    {
        command.Write(Changes, current.Id, current.Version, next.LeaderId, next.DissolvedOn, next.UpdatedAt, next.Version);
        command.Concerns(next.Territory, next.Id);
    }

    public static void Add(Command command, Squad squad, Exchange made)
    {
        command.Write(Exchanges, made.Id, made.SquadId, (short)made.Kind, made.Day, made.Attendance, made.Note);
        command.Concerns(squad.Territory, made.Id);
    }

    private static Squad Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Territory = reader.GetString(1),
        Name = reader.GetString(2),
        LeaderId = reader.GetGuid(3),
        FormedOn = reader.Day(4),
        DissolvedOn = reader.DayOrNull(5),
        UpdatedAt = reader.Instant(6),
        Version = reader.GetInt64(7),
        Leaderless = reader.GetBoolean(8),
        GroupIds = reader.GetFieldValue<Guid[]>(9),
        Code = reader.GetString(10),
    };
}
