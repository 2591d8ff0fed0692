using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Indicators;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Meetings;

/// <summary>What came of a debrief, with where and when.</summary>
public sealed record PublishedDebrief(
    Guid Id, Guid MeetingId, string Territory, DateTimeOffset HeldAt, Guid OrganisationId, Appraisal Appraisal);

public sealed class MeetingStore(ServiceDatabase database)
{
    private const string Columns = """
        m.id, m.code, m.kind, m.territory, m.state, m.starts_at, m.place, m.notice, m.agenda, m.attendance, m.minutes, m.minutes_edition,
        m.minutes_by, m.matters, m.approved_by, m.approved_at, m.cancel_reason, m.updated_at, m.version,
        (select coalesce(jsonb_agg(jsonb_build_object(
            'id', d.id, 'subject', d.subject, 'organisationId', d.organisation_id,
            'appraisal', case when d.papers is not null then jsonb_build_object(
                'papers', d.papers, 'good', d.good, 'fairlyGood', d.fairly_good, 'average', d.average, 'poor', d.poor,
                'unmarked', d.unmarked) end) order by d.place), '[]')
         from meeting_debriefs d where d.meeting_id = m.id)
        """;

    private const string ById = $"select {Columns} from meetings m where m.id = any($1)";

    private static readonly Insert Meetings = new(
        "meetings",
        "id uuid, code text, kind smallint, territory text, state smallint, starts_at timestamptz, place text, notice text, agenda jsonb, "
        + "attendance jsonb, minutes text, minutes_edition int, minutes_by text, matters jsonb, approved_by text, cancel_reason text, "
        + "updated_at timestamptz, version bigint");

    private static readonly Update Changes = new(
        "meetings",
        "id uuid, version bigint",
        "state smallint, notice text, agenda jsonb, attendance jsonb, minutes text, minutes_edition int, minutes_by text, matters jsonb, "
        + "approved_by text, approved_at timestamptz, cancel_reason text, updated_at timestamptz, version bigint");

    private static readonly Insert Minutes = new(
        "meeting_minutes", "meeting_id uuid, edition int, minutes text, writer text, at timestamptz");

    private static readonly Insert Debriefs = new(
        "meeting_debriefs", "id uuid, meeting_id uuid, territory text, place int, subject text, organisation_id uuid");

    private static readonly Update Counts = new(
        "meeting_debriefs", "id uuid", "papers int, good int, fairly_good int, average int, poor int, unmarked int");

    public Task<Meeting?> FindAsync(Guid id, CancellationToken cancellation) => database.FindAsync(ById, id, Read, cancellation);

    public static Task<Meeting?> FindAsync(Guid id, Command command) => command.FindAsync(ById, id, Read);

    public Task<List<Meeting>> ListAsync(
        (string Low, string High) range, MeetingKind kind, MeetingState state, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from meetings m
            where m.territory >= $1 and m.territory < $2
              and ($3 = 0 or m.kind = $3) and ($4 = 0 or m.state = $4)
              and ($6::uuid is null or (m.starts_at, m.id) < ($5, $6))
            order by m.starts_at desc, m.id desc limit $7
            """,
            Read,
            [
                P(range.Low), P(range.High), P((int)kind), P((int)state), N(page.InstantAfter(0)), N(page.IdAfter(1)), P(page.Fetch),
            ],
            cancellation);

    public Task<List<PublishedDebrief>> ResultsAsync((string Low, string High) range, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select d.id, d.meeting_id, d.territory, m.starts_at, d.organisation_id, d.papers, d.good, d.fairly_good, d.average, d.poor,
                d.unmarked
            from meeting_debriefs d join meetings m on m.id = d.meeting_id
            where d.territory >= $1 and d.territory < $2 and d.papers is not null and m.state = 4
              and ($4::uuid is null or (m.starts_at, d.id) < ($3, $4))
            order by m.starts_at desc, d.id desc limit $5
            """,
            r => new PublishedDebrief(
                r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.Instant(3), r.GetGuid(4),
                new Appraisal(r.GetInt32(5), r.GetInt32(6), r.GetInt32(7), r.GetInt32(8), r.GetInt32(9), r.GetInt32(10))),
            [P(range.Low), P(range.High), N(page.InstantAfter(0)), N(page.IdAfter(1)), P(page.Fetch)],
            cancellation);

    /// <summary>Codes of communities (or grids) that have no meeting of the kind between two instants.</summary>
    public Task<List<string>> MissingAsync(
        (string Low, string High) range,
        MeetingKind kind,
        (DateTimeOffset From, DateTimeOffset To) span,
        Page page,
        CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select t.code from (
                select distinct case when $3 = 1 then left(code, 12) else code end as code from grids where valid_to is null) t
            where t.code >= $1 and t.code < $2 and t.code > $6
              and not exists (
                  select 1 from meetings m
                  where m.territory = t.code and m.kind = $3 and m.state in (3, 4) and m.starts_at >= $4 and m.starts_at < $5)
            order by t.code collate "C" limit $7
            """,
            r => r.GetString(0),
            [
                P(range.Low), P(range.High), P((int)kind), P(span.From), P(span.To), P(page.After?[0] ?? ""), P(page.Fetch),
            ],
            cancellation);

    /// <summary>Whether the grid has a debrief in the year of this one that was not cancelled.</summary>
    public static async Task<bool> HasDebriefAsync(Meeting planned, Command command) =>
        await command.FirstAsync(
            """
            select 1 from meetings
            where territory = $1 and kind = 2 and state <> 5 and extract(year from local_day(starts_at)) = $2 limit 1
            """,
            r => r.GetInt32(0), P(planned.Territory), P(Days.Of(planned.StartsAt).Year)) is 1;

    /// <summary>
    /// Whoever plans debriefs holds it together with others, and an import alone: of both at once the later one sees what the earlier
    /// one wrote.
    /// </summary>
    internal const long DebriefLock = 0x6465627269656600;

    public static void Add(Command command, Meeting planned)
    {
        if (planned.Kind is MeetingKind.AnnualDebrief)
        {
            command.Write($"select pg_advisory_xact_lock_shared({DebriefLock})");
            // An import that was committed since the command was decided.
            command.Check(
                """
                select require_written((count(*) = 1)::int, 1) from meetings
                where territory = $1 and kind = 2 and state <> 5 and extract(year from local_day(starts_at)) = $2
                """,
                P(planned.Territory), P(Days.Of(planned.StartsAt).Year));
        }
        command.Write(
            Meetings, planned.Id, planned.Code, (short)planned.Kind, planned.Territory, (short)planned.State, planned.StartsAt,
            planned.Place, planned.Notice, Json(planned.Agenda), Json(planned.Attendance), planned.Minutes, planned.MinutesEdition,
            planned.MinutesBy, Json(planned.Matters), planned.ApprovedBy, planned.CancelReason, planned.UpdatedAt, planned.Version);
        command.Concerns(planned.Territory, planned.Id);
    }

    /// <summary>Writes what differs: the meeting's own row, a new version of the minutes, debriefs that came or were counted.</summary>
    public static void Save(Command command, Meeting current, Meeting next)
    {
        command.Write(
            Changes, current.Id, current.Version, (short)next.State, next.Notice, Json(next.Agenda), Json(next.Attendance), next.Minutes,
            next.MinutesEdition, next.MinutesBy, Json(next.Matters), next.ApprovedBy, next.ApprovedAt, next.CancelReason, next.UpdatedAt,
            next.Version);
        if (next.MinutesEdition != current.MinutesEdition)
            command.Write(Minutes, next.Id, next.MinutesEdition, next.Minutes, next.MinutesBy, next.UpdatedAt);
        foreach (var (place, debrief) in next.Debriefs.Index())
        {
            var before = current.Debriefs.FirstOrDefault(d => d.Id == debrief.Id);
            if (before is null)
                command.Write(Debriefs, debrief.Id, next.Id, next.Territory, place, debrief.Subject, debrief.OrganisationId);
            if (debrief.Appraisal is { } counted && before?.Appraisal is null)
                command.Write(
                    Counts, debrief.Id, counted.Papers, counted.Good, counted.FairlyGood, counted.Average, counted.Poor, counted.Unmarked);
        }
        command.Concerns(next.Territory, next.Id);
    }

    private static Meeting Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Code = reader.GetString(1),
        Kind = (MeetingKind)reader.GetInt16(2),
        Territory = reader.GetString(3),
        State = (MeetingState)reader.GetInt16(4),
        StartsAt = reader.Instant(5),
        Place = reader.GetString(6),
        Notice = reader.GetString(7),
        Agenda = reader.Json<List<string>>(8),
        Attendance = reader.Json<List<Attended>>(9),
        Minutes = reader.GetString(10),
        MinutesEdition = reader.GetInt32(11),
        MinutesBy = reader.GetString(12),
        Matters = reader.Json<List<Matter>>(13),
        ApprovedBy = reader.GetString(14),
        ApprovedAt = reader.InstantOrNull(15),
        CancelReason = reader.GetString(16),
        UpdatedAt = reader.Instant(17),
        Version = reader.GetInt64(18),
        Debriefs = reader.Json<List<Debriefing>>(19),
    };
}
