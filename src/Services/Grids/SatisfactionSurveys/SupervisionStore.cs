using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.SatisfactionSurveys;

/// <summary>Supervisors, and the cases that were drawn for them.</summary>
public sealed class SupervisionStore(ServiceDatabase database)
{
    private const string Columns = "id, territory, subject, kind, from_day, until_day, version";
    private const string DrawColumns = "d.id, d.supervisor_id, d.territory, d.from_day, d.until_day, d.seed, d.population, d.drawn_at";

    private const string OfDraw = """
        select c.id, c.number, c.title, c.category, c.answer, c.late, s.marks, s.finding, s.reviewed_at
        from supervision_cases s join cases c on c.id = s.case_id where s.draw_id = $1
        """;

    private static readonly Insert Supervisors = new(
        "supervisors", "id uuid, territory text, subject text, kind smallint, from_day date, until_day date, term int, version bigint");

    private static readonly Update Terms = new("supervisors", "id uuid, version bigint", "until_day date, version bigint");

    private static readonly Insert Draws = new(
        "supervision_draws",
        "id uuid, supervisor_id uuid, territory text, from_day date, until_day date, seed text, population int, drawn_by text, "
        + "drawn_at timestamptz");

    private static readonly Insert Cases = new(
        "supervision_cases", "draw_id uuid, rank int, case_id uuid, territory text, finding text, version bigint");

    private static readonly Update Reviews = new(
        "supervision_cases", "draw_id uuid, case_id uuid, version bigint",
        "marks jsonb, mark_sum int, mark_count int, finding text, reviewed_at timestamptz, policy_version bigint, version bigint");

    public static Task<Supervisor?> FindAsync(Guid id, Command command) =>
        command.FindAsync($"select {Columns} from supervisors where id = any($1)", id, Read);

    public Task<Supervisor?> FindAsync(Guid id, CancellationToken cancellation) =>
        database.FindAsync($"select {Columns} from supervisors where id = any($1)", id, Read, cancellation);

    /// <summary>Which term of the subject in the territory it is; null when the subject serves there on some day of it already.</summary>
    public static Task<int?> TermAsync(Supervisor given, Command command) =>
        command.FirstAsync(
            """
            select case when bool_or(from_day <= $4 and until_day >= $3) then null else coalesce(max(term), 0) + 1 end
            from supervisors where subject = $1 and territory = $2
            """,
            r => r.IntOrNull(0), P(given.Subject), P(given.Territory), P(given.From), P(given.Until));

    public Task<List<Supervisor>> ListAsync((string Low, string High) range, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from supervisors
            where territory >= $1 and territory < $2 and ($3::uuid is null or id < $3)
            order by id desc limit $4
            """,
            Read, [P(range.Low), P(range.High), N(page.IdAfter(0)), P(page.Fetch)], cancellation);

    /// <summary>The first cases in the order of the seed, and of how many they are.</summary>
    public static async Task<(IReadOnlyList<(Guid Id, string Territory)> Cases, int Population)> SampleAsync(
        Supervisor of,
        (DateTimeOffset From, DateTimeOffset End) closed,
        (string Low, string High) range,
        string seed,
        int size,
        Command command)
    {
        var drawn = await command.QueryAsync(
            """
            select id, territory, (count(*) over ())::int from cases
            where territory >= $1 and territory < $2 and state = 9 and updated_at >= $3 and updated_at < $4
              and not confidential and reporter <> $5
              and not exists (select 1 from case_history h where h.case_id = cases.id and h.actor = $5)
            order by sha256(convert_to($6 || ':' || id::text, 'UTF8')) limit $7
            """,
            r => (Id: r.GetGuid(0), Territory: r.GetString(1), Population: r.GetInt32(2)),
            P(range.Low), P(range.High), P(closed.From), P(closed.End), P(of.Subject), P(seed), P(size));
        return ([.. drawn.Select(d => (d.Id, d.Territory))], drawn is [] ? 0 : drawn[0].Population);
    }

    public Task<Draw?> FindDrawAsync(Guid id, CancellationToken cancellation) =>
        database.FindAsync($"select {DrawColumns} from supervision_draws d where d.id = any($1)", id, ReadDraw, cancellation);

    public static Task<Draw?> FindDrawAsync(Guid id, Command command) =>
        command.FindAsync($"select {DrawColumns} from supervision_draws d where d.id = any($1)", id, ReadDraw);

    /// <summary>Every term of a subject, wherever.</summary>
    public Task<List<Supervisor>> OfSubjectAsync(string subject, CancellationToken cancellation) =>
        database.QueryAsync($"select {Columns} from supervisors where subject = $1", Read, [P(subject)], cancellation);

    /// <summary>Of all supervisors, or of certain terms.</summary>
    public Task<List<Draw>> ListDrawsAsync((string Low, string High) range, Guid[]? of, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {DrawColumns} from supervision_draws d
            where d.territory >= $1 and d.territory < $2 and (not $3 or d.supervisor_id = any($4)) and ($5::uuid is null or d.id < $5)
            order by d.id desc limit $6
            """,
            ReadDraw, [P(range.Low), P(range.High), P(of is not null), P(of ?? []), N(page.IdAfter(0)), P(page.Fetch)], cancellation);

    /// <summary>The cases of a draw as they stand.</summary>
    public Task<List<DrawnCase>> CasesAsync(Guid drawId, CancellationToken cancellation) =>
        database.QueryAsync($"{OfDraw} order by s.rank", ReadCase, [P(drawId)], cancellation);

    public static Task<List<DrawnCase>> CasesAsync(Guid[] caseIds, Command command) =>
        command.QueryAsync(
            """
            select c.id, c.number, c.title, c.category, c.answer, c.late, null::jsonb, '', null::timestamptz
            from unnest($1) with ordinality as given (id, rank) join cases c on c.id = given.id order by given.rank
            """,
            ReadCase, P(caseIds));

    public static Task<Drawn?> DrawnAsync(Guid drawId, Guid caseId, Command command) =>
        command.FirstAsync<Drawn?>(
            """
            select draw_id, case_id, marks, finding, reviewed_at, version, territory from supervision_cases
            where draw_id = $1 and case_id = $2
            """,
            r => new Drawn
            {
                DrawId = r.GetGuid(0),
                CaseId = r.GetGuid(1),
                Marks = r.JsonOrNull<List<Mark>>(2),
                Finding = r.GetString(3),
                ReviewedAt = r.InstantOrNull(4),
                Version = r.GetInt64(5),
                Territory = r.GetString(6),
            },
            P(drawId), P(caseId));

    public static void Add(Command command, Supervisor appointed, int term)
    {
        command.Write(
            Supervisors, appointed.Id, appointed.Territory, appointed.Subject, (short)appointed.Kind, appointed.From, appointed.Until, term,
            appointed.Version);
        command.Concerns(appointed.Territory, appointed.Id);
    }

    public static void Save(Command command, Supervisor current, Supervisor next)
    {
        command.Write(Terms, current.Id, current.Version, next.Until, next.Version);
        command.Concerns(next.Territory, next.Id);
    }

    public static void Add(Command command, Draw draw, IReadOnlyList<(Guid Id, string Territory)> cases)
    {
        command.Write(
            Draws, draw.Id, draw.SupervisorId, draw.Territory, draw.From, draw.Until, draw.Seed, draw.Population, command.Actor.Subject,
            draw.DrawnAt);
        for (var i = 0; i < cases.Count; i++)
            command.Write(Cases, draw.Id, i + 1, cases[i].Id, cases[i].Territory, "", 1L);
        command.Concerns(draw.Territory, draw.Id);
    }

    public static void Save(Command command, Draw draw, Drawn current, Drawn next)
    {
        command.Write(
            Reviews, current.DrawId, current.CaseId, current.Version, Json(next.Marks), next.Marks!.Sum(m => m.Value), next.Marks!.Count,
            next.Finding, next.ReviewedAt, next.PolicyVersion, next.Version);
        command.Concerns(draw.Territory, current.CaseId);
    }

    private static Supervisor Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetString(2), (SupervisorKind)reader.GetInt16(3),
        reader.GetFieldValue<DateOnly>(4), reader.GetFieldValue<DateOnly>(5), reader.GetInt64(6));

    private static Draw ReadDraw(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetFieldValue<DateOnly>(3),
        reader.GetFieldValue<DateOnly>(4), reader.GetString(5), reader.GetInt32(6), reader.Instant(7));

    private static DrawnCase ReadCase(NpgsqlDataReader reader)
    {
        var drawn = new DrawnCase
        {
            CaseId = reader.GetGuid(0).ToString(),
            Number = reader.GetInt64(1),
            Title = reader.GetString(2),
            Category = reader.GetString(3),
            Answer = reader.GetString(4),
            Late = reader.GetInt16(5) is 1,
            Finding = reader.GetString(7),
            ReviewedAt = reader.InstantOrNull(8)?.ToTimestamp(),
        };
        drawn.Marks.Add((reader.JsonOrNull<List<Mark>>(6) ?? []).Select(m => new SupervisionMark { Aspect = m.Aspect, Mark = m.Value }));
        return drawn;
    }
}
